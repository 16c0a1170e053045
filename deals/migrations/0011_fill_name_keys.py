"""The keys of the names that are there. Who was erased has none."""

from django.db import migrations

from crm.shared.folding import key

BATCH = 500


def fill(apps, schema_editor):
    for kind, who in (("Account", {}), ("Contact", {"erased_at": None})):
        model = apps.get_model("deals", kind)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last, **who).order_by("pk")[:BATCH]):
            for row in rows:
                row.name_key = key(row.name)
            model.objects.bulk_update(rows, ["name_key"])
            last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("deals", "0010_name_keys")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
