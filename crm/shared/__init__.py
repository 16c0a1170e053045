"""The ground floor: people, event log, calendar, mail, API manners. Imports nobody above."""
