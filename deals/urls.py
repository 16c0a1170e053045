"""Pages of deals."""

from django.urls import path

from deals.views import bulk, closing, deal, directory, people, pipeline, second_chances

app_name = "deals"
urlpatterns = [
    path("deals/", pipeline.pipeline, name="pipeline"),
    path("deals/totals/", pipeline.totals, name="totals"),
    path("deals/bulk/", bulk.bulk, name="bulk"),
    path("deals/new/", deal.new, name="new"),
    path("deals/<int:pk>/", deal.deal, name="deal"),
    path("deals/<int:pk>/edit/", deal.edit, name="edit"),
    path("deals/<int:pk>/move/", deal.move, name="move"),
    path("deals/<int:pk>/people/", people.person, name="person"),
    path("deals/<int:pk>/lose/", closing.lose, name="lose"),
    path("deals/<int:pk>/lose/due-on/", closing.due_on, name="due-on"),
    path("deals/<int:pk>/win/", closing.win, name="win"),
    path("deals/<int:pk>/disqualify/", closing.disqualify, name="disqualify"),
    path("deals/<int:pk>/closed/", closing.closed, name="closed"),
    path("deals/<int:pk>/undo-close/", closing.undo_close, name="undo-close"),
    path("deals/<int:pk>/second-chance/", closing.second_chance, name="second-chance"),
    path("second-chances/", second_chances.second_chances, name="second-chances"),
    path("accounts/", directory.accounts, name="accounts"),
    path("accounts/new/", directory.new_account, name="new-account"),
    path("accounts/find/", directory.find_accounts, name="find-accounts"),
    path("accounts/<int:pk>/", directory.account, name="account"),
    path("accounts/<int:pk>/edit/", directory.edit_account, name="edit-account"),
    path("contacts/new/", directory.new_contact, name="new-contact"),
    path("contacts/<int:pk>/", directory.contact, name="contact"),
    path("contacts/<int:pk>/edit/", directory.edit_contact, name="edit-contact"),
]
