"""On which day what is done: the changes, the mishaps, and what people do in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from tests.journeys.roster_year import accounts, circle_changes, desk, matters, mishaps, seats, sheets, showing, turning
from tests.journeys.roster_year.cast import SHANGHAI, Kind, RosterYear

Doing = Callable[[RosterYear], Awaitable[None]]


@dataclass(frozen=True)
class Entry:
    day: date
    doing: Doing
    kind: Kind
    at: time

    @property
    def when(self) -> datetime:
        return datetime.combine(self.day, self.at, SHANGHAI)


def change(month: int, day: int, doing: Doing) -> Entry:
    return Entry(date(2026, month, day), doing, Kind.CHANGE, time(10))


def mishap(month: int, day: int, doing: Doing, at: time = time(14)) -> Entry:
    return Entry(date(2026, month, day), doing, Kind.MISHAP, at)


def other(month: int, day: int, doing: Doing, at: time = time(16)) -> Entry:
    return Entry(date(2026, month, day), doing, Kind.OTHER, at)


CALENDAR: tuple[Entry, ...] = (
    change(1, 7, sheets.codes_are_printed_for_an_area),
    change(1, 8, desk.an_employer_is_written),
    mishap(1, 9, mishaps.strangers_ask_to_come_in),
    change(1, 12, desk.a_number_is_changed_after_one_that_is_taken),
    other(1, 15, turning.some_join_after_a_reminder),
    change(1, 16, desk.an_area_is_chosen),
    change(1, 19, desk.a_specialty_is_given_with_a_double_tap),
    other(1, 22, turning.others_join_after_two),
    change(1, 22, desk.a_circle_is_given_on_the_card),
    other(1, 23, sheets.printed_codes_expire),
    change(1, 26, desk.a_circle_is_taken_on_the_card),
    mishap(1, 29, mishaps.somebody_comes_in_another_way),
    change(2, 2, desk.somebody_is_added_step_by_step),
    change(2, 4, desk.somebody_leads_a_group),
    other(2, 5, matters.an_issue_in_the_village_is_answered_and_closed),
    change(2, 9, desk.somebody_gets_the_offices_role),
    change(2, 11, accounts.a_new_account_takes_the_old_ones_place),
    mishap(2, 12, accounts.a_thief_asks_for_somebodys_account_in_vain),
    mishap(2, 13, mishaps.people_leave_a_chat),
    mishap(2, 26, mishaps.a_topic_is_deleted),
    change(3, 2, accounts.a_new_number_is_confirmed_by_two_of_the_office_at_once),
    change(3, 5, seats.somebody_resigns_and_leaves_an_issue_behind),
    change(3, 9, seats.somebody_moves_away),
    change(3, 11, seats.somebody_dies),
    change(3, 13, seats.somebody_is_recalled),
    change(3, 18, seats.somebody_is_transferred),
    change(3, 24, seats.somebody_new_is_elected),
    change(3, 26, seats.somebody_known_is_elected),
    mishap(3, 31, mishaps.a_group_becomes_a_supergroup),
    change(4, 2, sheets.the_roster_goes_out_is_edited_and_comes_back),
    change(4, 8, circle_changes.a_second_circle_for_one_specialty_is_made),
    change(4, 9, circle_changes.it_gets_a_topic),
    other(4, 10, matters.an_issue_in_town_is_answered),
    mishap(4, 14, mishaps.the_bot_loses_its_rights),
    change(4, 16, circle_changes.a_circle_is_renamed_with_its_group),
    change(4, 22, circle_changes.a_circle_gets_another_specialty),
    change(4, 28, circle_changes.somebody_is_taken_off_a_circles_roster),
    change(5, 6, desk.somebody_is_taken_off_the_roster_by_mistake),
    change(5, 8, desk.whoever_was_taken_off_by_mistake_comes_back),
    change(5, 12, desk.a_language_is_changed),
    change(5, 14, desk.a_name_is_put_right),
    mishap(5, 19, mishaps.the_bot_is_out_for_some_hours),
    change(5, 21, showing.a_profile_is_returned_edited_and_approved),
    mishap(5, 26, desk.two_of_the_office_write_one_field_at_once),
    other(5, 27, showing.a_constituent_reads_it),
    change(6, 2, matters.a_protected_identity_is_looked_at),
    change(6, 3, matters.a_constituents_data_is_erased),
    mishap(6, 9, circle_changes.a_leaked_link_is_renewed),
    change(6, 16, accounts.an_account_is_cut_off_and_another_comes_in),
    change(6, 23, sheets.a_role_comes_by_a_spreadsheet),
    mishap(6, 25, mishaps.somebody_is_brought_in_by_a_friend),
    change(7, 7, desk.the_offices_role_is_taken_again),
    change(7, 14, desk.an_employer_is_emptied),
    change(7, 21, circle_changes.a_topic_is_renamed),
    mishap(7, 23, accounts.whoever_had_blocked_the_bot_is_back),
    change(8, 4, desk.a_group_is_made_for_somebody),
    other(8, 20, mishaps.an_issue_before_the_weekend),
    mishap(8, 24, mishaps.the_home_is_down_on_a_monday_morning, time(6)),
    mishap(8, 27, mishaps.the_bot_is_out_for_more_than_a_day),
    change(9, 3, accounts.somebody_late_comes_in_by_a_second_link),
    change(9, 8, sheets.two_newcomers_come_by_a_spreadsheet),
    change(9, 15, showing.somebody_asks_for_all_that_is_held_about_them),
    change(9, 22, showing.the_office_exports_the_log),
    change(10, 13, circle_changes.a_circle_is_retired),
    change(11, 17, turning.the_term_is_closed),
    change(11, 18, turning.those_elected_again_are_marked),
    change(11, 19, turning.new_deputies_come_by_a_spreadsheet),
    change(11, 20, turning.the_next_term_begins),
    other(11, 20, turning.the_quick_join_again),
    change(11, 24, turning.what_was_open_is_handed_on),
    other(11, 30, turning.some_join_after_a_reminder),
    other(12, 7, turning.others_join_after_two),
    other(12, 10, matters.an_issue_in_the_village_is_answered_and_closed),
)

LEFT_OUT = {
    desk.an_employer_is_written,
    desk.an_employer_is_emptied,
    desk.an_area_is_chosen,
    desk.a_group_is_made_for_somebody,
    desk.somebody_leads_a_group,
    desk.a_language_is_changed,
    desk.a_name_is_put_right,
    desk.somebody_gets_the_offices_role,
    desk.the_offices_role_is_taken_again,
    desk.two_of_the_office_write_one_field_at_once,
    seats.somebody_dies,
    seats.somebody_is_recalled,
    sheets.a_role_comes_by_a_spreadsheet,
    sheets.two_newcomers_come_by_a_spreadsheet,
    circle_changes.a_topic_is_renamed,
    mishaps.the_bot_is_out_for_some_hours,
    showing.a_constituent_reads_it,
    showing.somebody_asks_for_all_that_is_held_about_them,
    showing.the_office_exports_the_log,
}
"""What the short form does without: more of a kind that it plays all the same."""
FIRST_WEEKS, LAST_WEEKS, FASTER = date(2026, 1, 29), date(2026, 11, 17), 20


def shortened(calendar: Sequence[Entry]) -> list[Entry]:
    """The same year in a hurry: the weeks of reminders at either end keep their length, the months between pass twenty times as fast."""
    short: list[Entry] = []
    between = (LAST_WEEKS - FIRST_WEEKS) - (LAST_WEEKS - FIRST_WEEKS) // FASTER
    for entry in sorted(calendar, key=lambda each: each.when):
        if entry.doing in LEFT_OUT:
            continue
        day = entry.day - between if entry.day > LAST_WEEKS else FIRST_WEEKS + (entry.day - FIRST_WEEKS) // FASTER
        when = datetime.combine(entry.day if entry.day < FIRST_WEEKS else day, entry.at, SHANGHAI)
        if entry.doing is mishaps.the_home_is_down_on_a_monday_morning:
            when += timedelta(days=-when.weekday() % 7)
        when = max(when, short[-1].when) if short else when  # in the order of the long year
        short.append(replace(entry, day=when.date(), at=when.time()))
    return short
