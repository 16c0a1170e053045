"""The keys of the names that are there. Who was erased has none. Each batch stands when it is written, so that a run that was ended goes on."""

from django.db import migrations, transaction

from crm.shared import changing
from crm.shared.folding import key

BATCH = 5000


def fill(apps, schema_editor):
    for kind, who in (("Account", {}), ("Contact", {"erased_at": None})):
        model = apps.get_model("deals", kind)
        waiting = model.objects.filter(name_key="", **who).order_by("pk")
        last = 0
        while rows := list(waiting.filter(pk__gt=last).values_list("pk", "name")[:BATCH]):
            with transaction.atomic():
                changing.change_values(
                    model, ("name_key",), [(pk, key(name)) for pk, name in rows]
                )
            last = rows[-1][0]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("deals", "0010_name_keys")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
