"""Models of the ground floor."""

from crm.shared.models.base import (
    Archivable,
    KnownElsewhere,
    Leased,
    Sample,
    Timestamped,
    Versioned,
    VersionedByContent,
    unique_external_id,
)
from crm.shared.models.event_record import EventRecord, FeedHead
from crm.shared.models.exchange_rate import ExchangeRate
from crm.shared.models.mail import MailLane, OutgoingMail, Suppression
from crm.shared.models.notice import Notice
from crm.shared.models.searchable import Keyed, Searchable
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
    "Keyed",
    "KnownElsewhere",
    "Leased",
    "MailLane",
    "Membership",
    "Notice",
    "OutgoingMail",
    "Sample",
    "Searchable",
    "StoredAnswer",
    "Suppression",
    "Team",
    "Timestamped",
    "User",
    "Versioned",
    "VersionedByContent",
    "unique_external_id",
]
