"""What may be there already is asked; and the first rows of a dry run are kept."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0004_tries'),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='first_rows',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='import',
            name='follows',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followed_by', to='imports.import'),
        ),
        migrations.AddField(
            model_name='import',
            name='in_doubt',
            field=models.CharField(choices=[('aside', 'Set it aside'), ('existing', 'Take the existing one, where there is just one'), ('new', 'Make a new one')], default='aside', max_length=20),
        ),
        migrations.AddField(
            model_name='import',
            name='only_answered',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='import',
            name='started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('thing', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=320)),
                ('line', models.PositiveBigIntegerField()),
                ('said', models.CharField(max_length=300)),
                ('candidates', models.JSONField(default=list)),
                ('answer', models.CharField(blank=True, choices=[('existing', 'The one that is here'), ('new', 'A new one')], max_length=20)),
                ('same_as', models.BigIntegerField(null=True)),
                ('belongs_to', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='imports.import')),
                ('taken_up_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='questions_taken_up', to='imports.import')),
            ],
            options={
                'ordering': ['line', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='importedrow',
            name='question',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rows', to='imports.question'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(fields=['belongs_to', 'line'], name='question_in_order'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('belongs_to', 'key'), name='question_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'existing'), ('same_as__isnull', False)), models.Q(models.Q(('answer', 'existing'), _negated=True), ('same_as', None)), _connector='OR'), name='question_same_as_iff_existing'),
        ),
    ]
