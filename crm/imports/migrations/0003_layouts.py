"""Where the table of a file begins, the sheet of a workbook, touches, and layouts kept for next time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("imports", "0002_undo"),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='above',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='import',
            name='has_header',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='import',
            name='sheet',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='import',
            name='sheets',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='import',
            name='kind',
            field=models.CharField(choices=[('accounts', 'Accounts'), ('contacts', 'Contacts'), ('deals', 'Deals'), ('touches', 'Calls, meetings and e-mails')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='RememberedLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('signature', models.CharField(max_length=64)),
                ('columns', models.JSONField(default=dict)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='remembered_layouts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-updated_at', '-pk'],
                'indexes': [models.Index(fields=['by'], name='layout_by_person')],
                'constraints': [models.UniqueConstraint(fields=('signature', 'by'), name='layout_once_a_person')],
            },
        ),
    ]
