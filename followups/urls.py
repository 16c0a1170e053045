"""Pages of followups."""

from django.urls import path

from followups.views import plans, touches

app_name = "followups"
urlpatterns = [
    path("deals/<int:deal_pk>/touches/", touches.log_touch, name="log-touch"),
    path("deals/<int:deal_pk>/plan/", plans.agree_plan, name="agree-plan"),
    path("deals/<int:deal_pk>/plan/panel/", plans.plan_panel, name="plan-panel"),
    path("deals/<int:deal_pk>/keep-open/", plans.keep_open, name="keep-open"),
    path("deals/<int:deal_pk>/let-go/", plans.let_go, name="let-go"),
    path("deals/<int:deal_pk>/persistence/", plans.persistence_panel, name="persistence-panel"),
    path("follow-ups/<int:pk>/done/", plans.done, name="done"),
    path("follow-ups/<int:pk>/skip/", plans.skip, name="skip"),
]
