//! The TIMESTAMP of a password claim, `EEE MMM d HH:mm:ss z yyyy`.
//!
//! AWS reads it leniently and checks the proof over its canonical form: a padded day or a wrong weekday is understood and
//! then fails the proof.

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The canonical form, or nothing if this is no such timestamp.
pub fn canonical(text: &str) -> Option<String> {
    let mut parts = text.split(' ');
    let (weekday, month, day, time, zone, year) = (
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    );
    if parts.next().is_some() || !matches!(zone, "UTC" | "GMT") {
        return None;
    }
    position(&WEEKDAYS, weekday)?;
    let month = position(&MONTHS, month)? + 1;
    let day = number(day, 1..=2).filter(|day| (1..=31).contains(day))?;
    let year = number(year, 4..=4)?;
    let mut time = time.split(':');
    let (hour, minute, second) = (
        number(time.next()?, 2..=2)?,
        number(time.next()?, 2..=2)?,
        number(time.next()?, 2..=2)?,
    );
    if time.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let weekday = WEEKDAYS.get(weekday_of(year, i64::try_from(month).ok()?, day))?;
    let month = MONTHS.get(month - 1)?;
    Some(format!(
        "{weekday} {month} {day} {hour:02}:{minute:02}:{second:02} UTC {year:04}"
    ))
}

fn position(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| known.eq_ignore_ascii_case(name))
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Days from Monday, by Zeller's congruence.
fn weekday_of(year: i64, month: i64, day: i64) -> usize {
    let (year, month) = if month < 3 {
        (year - 1, month + 12)
    } else {
        (year, month)
    };
    let from_saturday = day + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400;
    usize::try_from((from_saturday + 5).rem_euclid(7)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_canonical_timestamp_stays_as_it_is() {
        for text in [
            "Sun Nov 22 19:05:06 UTC 2026",
            "Sun Jan 3 04:05:06 UTC 2027",
            "Thu Feb 29 00:00:00 UTC 2024",
        ] {
            assert_eq!(canonical(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_understood_leniently_becomes_canonical() {
        assert_eq!(
            canonical("mon JAN 03 04:05:06 GMT 2027").as_deref(),
            Some("Sun Jan 3 04:05:06 UTC 2027")
        );
    }

    #[test]
    fn anything_else_is_no_timestamp() {
        for text in [
            "",
            "2027-01-03T04:05:06Z",
            "Sun Jan 3 04:05:06 utc 2027",
            "Sun Jan 3 4:05:06 UTC 2027",
            "So Jan 3 04:05:06 UTC 2027",
            "Sun Jan 3 24:05:06 UTC 2027",
            "Sun Jan 32 04:05:06 UTC 2027",
            "Sun Jan 3 04:05:06 UTC 2027 ",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
