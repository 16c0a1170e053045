"""Models of the ground floor."""

from crm.shared.models.base import Archivable, Sample, Timestamped, Versioned
from crm.shared.models.event_record import EventRecord, FeedHead
from crm.shared.models.exchange_rate import ExchangeRate
from crm.shared.models.mail import MailLane, OutgoingMail, Suppression
from crm.shared.models.notice import Notice
from crm.shared.models.stored_answer import StoredAnswer
from crm.shared.models.team import Membership, Team
from crm.shared.models.token import ApiToken
from crm.shared.models.user import User

__all__ = [
    "ApiToken",
    "Archivable",
    "EventRecord",
    "ExchangeRate",
    "FeedHead",
    "MailLane",
    "Membership",
    "Notice",
    "OutgoingMail",
    "Sample",
    "StoredAnswer",
    "Suppression",
    "Team",
    "Timestamped",
    "User",
    "Versioned",
]
