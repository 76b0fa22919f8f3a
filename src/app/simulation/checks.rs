//! Holds the client to what `invariants.rs` says, whenever something happens.

use std::rc::Rc;

use super::calls::{Ask, Got, Seen};
use super::cognito::{USERS, issue_of};
use super::faults::Fault;
use super::invariants::Invariant;
use super::ledger::{Attempt, Disturbance, Fate};
use super::page::Page;
use super::world::{PageId, World};
use crate::app::{ClientEvent, Notice};
use crate::core::error::{AuthError, Code};
use crate::core::record::{Content, Record};
use crate::core::session::Session;
use crate::core::user_state::{Reason, UserState};
use crate::ports::Millis;

/// How long it may take until a page has heard of a change and read it.
const HEARING: Millis = 1_500;

/// How long after their end by the service's clock tokens may still be taken for alive: the device's clock may be set
/// back by five seconds unnoticed, the service's shows whole seconds, and answers travel.
const LEEWAY: Millis = 12_000;

/// Which session it is, and which tokens it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) family: Option<usize>,
    pub(super) issue: Option<usize>,
    is_refused: bool,
}

pub(super) fn kept(world: &World, session: &Session) -> Kept {
    let issue = session
        .tokens
        .as_ref()
        .and_then(|tokens| issue_of(tokens.access.reveal()));
    let family = issue.map(|issue| world.cognito.borrow().issues[issue].family);
    Kept {
        family: family.or_else(|| world.ledger.borrow().families.get(&session.id).copied()),
        issue,
        is_refused: session.refusal.is_some(),
    }
}

/// What the store holds: a session, or nobody's.
pub(super) fn kept_in_store(world: &World) -> Option<Kept> {
    let text = world.store.borrow().session_record().map(String::from)?;
    kept_in(world, &text)
}

fn kept_in(world: &World, record: &str) -> Option<Kept> {
    match Record::decode(record).ok()?.content {
        Content::Session(session) => Some(kept(world, &session)),
        Content::SignedOut(_) => None,
    }
}

/// A page has stored a record in place of another, or removed it.
pub(super) fn stored(world: &World, page: PageId, before: Option<&str>, after: Option<&str>) {
    let now = world.now();
    let was = before.and_then(|before| kept_in(world, before));
    let record = after.map(Record::decode);
    let is_whole = !matches!(record, Some(Err(_)));
    world.demand(Invariant::Whole, is_whole, || "It cannot be read.".into());
    let session = match record {
        Some(Ok(record)) => {
            let last = before
                .and_then(|before| Record::decode(before).ok())
                .map(|before| before.generation);
            let is_newer = last.is_none_or(|last| last < record.generation);
            world.demand(Invariant::Whole, is_newer, || {
                format!("{} follows {last:?}.", record.generation)
            });
            match record.content {
                Content::Session(session) => Some(session),
                Content::SignedOut(_) => None,
            }
        }
        _ => None,
    };
    if let Some(session) = &session {
        let (is_consistent, detail) = consistency(world, session);
        world.demand(Invariant::Whole, is_consistent, || detail);
        let family = kept(world, session).family;
        if let Some(family) = family {
            let known = world.ledger.borrow_mut().families.insert(session.id, family);
            let is_unique = known.is_none_or(|known| known == family);
            world.demand(Invariant::OwnTokens, is_unique, || {
                format!("Two sign-ins are session {}.", session.id)
            });
        }
    }
    let is = session.as_ref().map(|session| kept(world, session));
    let (old, new) = (was.and_then(|was| was.family), is.and_then(|is| is.family));
    let mut ledger = world.ledger.borrow_mut();
    if after.is_none() {
        // Another page may have signed in the moment before, and nobody has seen its tokens.
        ledger.forgiven.extend(old);
    }
    // What `clearStorage` has emptied may be filled again until it has stored that somebody signed out.
    if let Some(old) = old.filter(|old| after.is_some() && new != Some(*old)) {
        ledger.ended.entry(old).or_insert((world.awake(), page));
    }
    let is_back = is
        .filter(|is| is.issue.is_some())
        .and_then(|is| is.family)
        .filter(|family| ledger.ended.contains_key(family));
    for attempt in ledger
        .attempts
        .iter_mut()
        .filter(|attempt| attempt.fate != Fate::Underway)
    {
        attempt.is_stored |= match is {
            Some(is) if is.family == Some(attempt.family) => match attempt.fate {
                Fate::Renewed => is.issue >= attempt.issue || is.is_refused,
                Fate::Refused => is.is_refused,
                Fate::Failed | Fate::Underway => false,
            },
            _ => true,
        };
    }
    drop(ledger);
    // While `clearStorage` empties the store, another page may take that for a loss; the sign-out is stored again after.
    let is_cleared = world
        .ledger
        .borrow()
        .calls
        .iter()
        .any(|call| call.ask == Ask::Clear && call.begun + 60_000 > now);
    world.demand(Invariant::EndedInStore, is_back.is_none() || is_cleared, || {
        format!("Session {is_back:?} is stored again.")
    });
}

/// Whether a session's tokens belong together, and to the user it names.
fn consistency(world: &World, session: &Session) -> (bool, String) {
    let Some(tokens) = &session.tokens else {
        return (true, String::new());
    };
    let cognito = world.cognito.borrow();
    let (access, id) = (issue_of(tokens.access.reveal()), issue_of(tokens.id.reveal()));
    let Some(issue) = access.and_then(|issue| cognito.issues.get(issue)) else {
        return (false, "An access token that nobody issued.".into());
    };
    let user = USERS[cognito.families[issue.family].user];
    let refresh_token = cognito.refresh_token(&tokens.refresh.reveal().into());
    let fits = access == id
        && refresh_token == Some(issue.refresh_token)
        && session.username.as_str() == user
        && session.user_sub == format!("sub-of-{user}");
    let detail = format!(
        "{} has access token {access:?} and ID token {id:?} of {user}, and refresh token {refresh_token:?} in place of {}.",
        session.username.as_str(),
        issue.refresh_token
    );
    (fits, detail)
}

/// A page is about to ask for new tokens.
pub(super) fn attempted(world: &World, attempt: &Attempt) {
    let ledger = world.ledger.borrow();
    let earlier = ledger
        .attempts
        .iter()
        .filter(|other| other.token == attempt.token)
        .collect::<Vec<_>>();
    let is_lock_broken = world.is_lock_kept() || earlier.iter().any(|other| other.disturbance == Disturbance::Frozen);
    let name = format!("refresh-{} by page {}", attempt.token, attempt.page);

    let refused = earlier.iter().filter(|other| other.fate == Fate::Refused);
    let is_known = refused
        .into_iter()
        .any(|other| other.page == attempt.page || other.disturbance == Disturbance::None);
    world.demand(Invariant::RefusedStays, !is_known || is_lock_broken, || name.clone());

    let is_free = earlier
        .iter()
        .all(|other| other.is_inconclusive() || other.fate == Fate::Refused);
    let is_spent = world.cognito.borrow().rotation.is_some() && !is_free;
    world.demand(Invariant::OneRefresh, !is_spent || is_lock_broken, || {
        format!("{name} is sent twice.")
    });

    let of_family = ledger
        .attempts
        .iter()
        .filter(|other| other.family == attempt.family)
        .collect::<Vec<_>>();
    if let Some(last) = of_family.last() {
        let is_early = match (last.fate, last.disturbance) {
            (_, Disturbance::Gone | Disturbance::Frozen) | (Fate::Failed | Fate::Refused, _) => false,
            (Fate::Underway, _) => true,
            (Fate::Renewed, _) => {
                attempt.sent < due(world, last) && !ledger.forced.iter().any(|forced| *forced >= last.sent)
            }
        };
        let is_early = is_early && !is_lock_broken && ledger.clock_sets() == 0;
        world.demand(Invariant::OneRefresh, !is_early, || format!("{name} comes too early."));

        let failures = of_family
            .iter()
            .rev()
            .take_while(|other| other.fate == Fate::Failed)
            .collect::<Vec<_>>();
        let is_undisturbed = failures.iter().all(|other| other.disturbance == Disturbance::None);
        let usual = match failures.len() {
            0 | 1 => 0,
            failures => 750 << (failures - 2).min(7),
        };
        let pause = usual.max(last.asked_pause.min(300) * 1000);
        let has_news = ledger.news.iter().any(|news| *news >= last.ended);
        let is_patient = failures.is_empty() || !is_undisturbed || has_news || attempt.sent - last.ended >= pause;
        world.demand(Invariant::Pause, is_patient, || {
            format!(
                "{name} comes {} ms after failure {}.",
                attempt.sent - last.ended,
                failures.len()
            )
        });
    }
}

/// From when on a page may want to renew what this attempt brought.
fn due(world: &World, attempt: &Attempt) -> Millis {
    let cognito = world.cognito.borrow();
    let Some(issue) = attempt.issue.map(|issue| cognito.issues[issue]) else {
        return 0;
    };
    let life = cognito.life * 1000;
    let usable = life - 120_000.min(life / 2);
    let has_background = world.pages.borrow().iter().any(|page| page.background_refresh);
    let early = if has_background { 180_000.min(usable / 2) } else { 0 };
    issue.expires - life + usable - early - LEEWAY
}

/// A call begins.
pub(super) fn begun(world: &World, page: &Page, number: usize) {
    let seen = seen(world, page);
    let mut ledger = world.ledger.borrow_mut();
    let call = &mut ledger.calls[number];
    call.begun = world.now();
    call.seen = seen;
    if let Ask::GetTokens { forces: true, .. } = call.ask {
        ledger.forced.push(world.now());
    }
}

fn seen(world: &World, page: &Page) -> Option<Seen> {
    let client = page.client()?;
    let snapshot = client.snapshot();
    Some(Seen {
        state: snapshot.user_state,
        // A page in doubt looks into the store before it answers.
        family: client
            .live()
            .filter(|_| !client.0.doubts.are_open())
            .and_then(|live| kept(world, &live.session).family),
        username: snapshot.username,
    })
}

/// A call has ended.
pub(super) fn settled(world: &World, page: &Rc<Page>, number: usize, outcome: Result<Got, AuthError>) {
    let (ask, begun, before, is_aborted) = {
        let mut ledger = world.ledger.borrow_mut();
        let call = &mut ledger.calls[number];
        call.is_over = true;
        (call.ask, call.begun, call.seen.clone(), call.is_aborted)
    };
    world.note(|| format!("call {number} on page {}, {ask:?}, ends: {}", page.id, brief(&outcome)));
    if page.is_gone.get() {
        return;
    }
    let told = page.told.borrow();
    match (ask, &outcome) {
        (_, Err(error)) => {
            if ask == Ask::Clear {
                // The store may be empty, and nobody has stored that this was a sign-out.
                world.faults.saw(Fault::Damage);
            }
            let is_too_early = before.as_ref().is_none_or(|before| before.state == UserState::Unknown);
            let has_reason = is_too_early || is_reasonable(world, error, ask, is_aborted);
            world.demand(Invariant::Served, has_reason, || {
                format!("Call {number} on page {}: {error}", page.id)
            });
        }
        (Ask::GetTokens { .. }, Ok(Got::Session(session))) => {
            drop(told);
            served(world, page, session);
            let is = kept(world, session);
            let user = |family: Option<usize>| family.map(|family| world.cognito.borrow().families[family].user);
            let was = before
                .filter(|before| before.state == UserState::SignedIn)
                .and_then(|before| user(before.family));
            let has_waited = page.told.borrow().invalid.is_some_and(|invalid| invalid >= begun);
            let is_same = was.is_none() || has_waited || was == user(is.family);
            world.demand(Invariant::OwnTokens, is_same, || {
                format!("Call {number} began with another user than it ended with.")
            });
            return;
        }
        (Ask::SignIn(..), Ok(_)) => {
            let is_told = told.signed_in.iter().any(|(_, at)| *at >= begun);
            world.demand(Invariant::Order, is_told, || {
                format!("Call {number} has signed in, and nobody was told.")
            });
        }
        _ => {}
    }
    drop(told);
    if let (Ask::SignOut { .. } | Ask::Clear, Ok(_)) = (ask, &outcome) {
        let mut told = page.told.borrow_mut();
        told.ended_here.extend(before.and_then(|before| before.family));
        let is_global = matches!(ask, Ask::SignOut { globally: true, .. });
        let is_told = told.signed_out.is_some_and(|at| at >= begun);
        world.demand(Invariant::Order, is_told || is_global, || {
            format!("Call {number} has signed out, and nobody was told.")
        });
    }
}

/// Whether what has happened explains the failure.
fn is_reasonable(world: &World, error: &AuthError, ask: Ask, is_aborted: bool) -> bool {
    let ledger = world.ledger.borrow();
    match error.code {
        Code::NotSignedIn | Code::UnableToSignIn => {
            matches!(ask, Ask::GetTokens { .. } | Ask::SignOut { globally: true, .. })
        }
        Code::InvalidState => matches!(ask, Ask::SignIn(..)),
        Code::Timeout => matches!(ask, Ask::GetTokens { .. }),
        Code::NotAuthorized => {
            let refuses = ledger.attempts.iter().any(|attempt| attempt.fate == Fate::Refused);
            matches!(ask, Ask::SignIn(_, false)) || refuses
        }
        // Overtaken by a sign-in or a sign-out, here or elsewhere.
        Code::Aborted => {
            let overtakes = |ask| matches!(ask, Ask::SignIn(..) | Ask::SignOut { .. } | Ask::Clear);
            is_aborted || ledger.calls.iter().filter(|call| overtakes(call.ask)).count() > 1
        }
        _ => {
            error.is_exception("RefreshTokenReuseException")
                && ledger.attempts.iter().any(|attempt| attempt.fate == Fate::Refused)
        }
    }
}

/// Tokens are handed out on a page.
fn served(world: &World, page: &Page, session: &Session) {
    let now = world.now();
    let is = kept(world, session);
    let (Some(family), Some(issue)) = (is.family, is.issue) else {
        return world.demand(Invariant::Alive, false, || {
            "A session without tokens is handed out.".into()
        });
    };
    let (fits, detail) = consistency(world, session);
    world.demand(Invariant::OwnTokens, fits, || detail);
    let username = page.client().and_then(|client| client.snapshot().username);
    let is_users = username.as_deref() == Some(session.username.as_str());
    world.demand(Invariant::OwnTokens, is_users, || {
        format!("{username:?} is signed in on page {}.", page.id)
    });

    let expires = world.cognito.borrow().issues[issue].expires;
    let ledger = world.ledger.borrow();
    // Whoever turns the clock back while the device sleeps hides how long it slept.
    let is_hidden = world.faults.has_seen(Fault::Sleep) && ledger.set_back() > 0;
    let is_alive = is_hidden || now < expires + LEEWAY + ledger.set_back();
    world.demand(Invariant::Alive, is_alive, || {
        format!(
            "Page {} hands out issue {issue}, {} ms too late.",
            page.id,
            now - expires
        )
    });

    let is_ended_here = page.told.borrow().ended_here.contains(&family);
    world.demand(Invariant::EndedHere, !is_ended_here, || {
        format!("Page {} has signed session {family} out.", page.id)
    });
    if let Some((ended, by)) = ledger.ended.get(&family) {
        let writer = Rc::clone(&world.pages.borrow()[*by]);
        // Whoever stops between storing and telling leaves the others to find out.
        let is_told = !writer.is_gone.get() && !writer.is_frozen.get();
        let knew = page.knew_of_last_freeze.get() && page.thawed.get() > *ended;
        let late = world.awake() - page.thawed.get().max(*ended).max(page.born).max(writer.thawed.get());
        world.demand(
            Invariant::EndedElsewhere,
            !knew && (late <= HEARING || !is_told),
            || {
                format!(
                    "Page {} hands session {family} out {late} ms after it could know of its end.",
                    page.id
                )
            },
        );
    }
}

/// A page is told something.
pub(super) fn told(world: &World, page: &Page, notice: &Notice) {
    let now = world.now();
    let state = notice.snapshot.user_state;
    let event = notice.event.as_ref();
    world.note(|| {
        format!(
            "page {} is told {state:?}, listeners {}, {event:?}",
            page.id,
            notice.tell.is_some()
        )
    });
    if let Some(session) = &notice.session {
        let is_users = notice.snapshot.username.as_deref() == Some(session.username.as_str());
        world.demand(Invariant::OwnTokens, is_users, || {
            format!("Page {} is told of another user's tokens.", page.id)
        });
    }
    let mut told = page.told.borrow_mut();
    let last = std::mem::replace(&mut told.last_state, state);
    let may_be_silent = last == state || last == UserState::Unknown;
    world.demand(Invariant::Order, notice.tell.is_some() || may_be_silent, || {
        format!("{last:?} became {state:?} silently.")
    });
    if let (Some(ClientEvent::TokensRefreshed), Some(session)) = (event, &notice.session) {
        let issue = kept(world, session).issue;
        let before = std::mem::replace(&mut told.refreshed, issue);
        world.demand(Invariant::Order, issue != before, || {
            format!("Page {} is told of the same new tokens again.", page.id)
        });
    }
    let Some(info) = &notice.tell else { return };
    let ledger = world.ledger.borrow();
    let calls = ledger
        .calls
        .iter()
        .enumerate()
        .filter(|(number, call)| call.page == page.id && (*number >= told.last_at_call || !call.is_over));
    let calls = calls.map(|(_, call)| call.ask).collect::<Vec<_>>();
    let family = match &info.token {
        Some(token) => issue_of(token).map(|issue| world.cognito.borrow().issues[issue].family),
        None => page
            .client()
            .and_then(|client| kept(world, &client.live()?.session).family),
    };
    let is_new = told.last != Some((state, family));
    let ends = |ask: &Ask| matches!(ask, Ask::SignOut { .. } | Ask::Clear);
    let has_cause = match state {
        UserState::SignedIn => is_new,
        UserState::SignedOutUserPoolsTokenInvalid => {
            is_new || calls.iter().any(|ask| matches!(ask, Ask::GetTokens { .. }))
        }
        _ if info.reason == Some(Reason::UserAction) => {
            told.sign_outs += 1;
            ledger
                .calls
                .iter()
                .filter(|call| call.page == page.id && ends(&call.ask))
                .count()
                >= told.sign_outs
        }
        _ => told.last.is_none_or(|(last, _)| last != state),
    };
    world.demand(Invariant::Order, has_cause, || {
        format!("Page {} is told {state:?} again.", page.id)
    });
    let has_grounds = match (state, info.reason) {
        (UserState::SignedOut, Some(Reason::UserAction)) => {
            ledger.calls.iter().any(|call| call.page == page.id && ends(&call.ask))
        }
        (UserState::SignedOut, Some(Reason::OtherTab)) => {
            ledger.calls.iter().any(|call| call.page != page.id && ends(&call.ask))
        }
        (UserState::SignedOut, _) => world.faults.has_seen(Fault::Damage) || world.faults.has_seen(Fault::Storage),
        (UserState::SignedOutUserPoolsTokenInvalid, _) => ledger
            .attempts
            .iter()
            .any(|attempt| Some(attempt.family) == family && attempt.fate == Fate::Refused),
        _ => true,
    };
    world.demand(Invariant::Grounds, has_grounds, || {
        format!("Page {} is told {state:?} for {:?}.", page.id, info.reason)
    });
    told.last = Some((state, family));
    told.last_at_call = ledger.calls.len();
    match state {
        UserState::SignedIn => told.signed_in.extend(family.map(|family| (family, now))),
        UserState::SignedOutUserPoolsTokenInvalid => told.invalid = Some(now),
        _ => told.signed_out = Some(now),
    }
}

/// Something has run.
pub(super) fn stepped(world: &World) {
    for page in world.pages.borrow().iter().filter(|page| !page.is_gone.get()) {
        let (state, told) = (page.state(), page.told.borrow().last_state);
        world.demand(Invariant::Order, state == told, || {
            format!("Page {} is {state:?} and was told {told:?}.", page.id)
        });
    }
}

/// Nothing can run until time passes.
pub(super) fn idle(world: &World) {
    let ledger = world.ledger.borrow();
    for call in ledger
        .calls
        .iter()
        .filter(|call| !call.is_over && matches!(call.ask, Ask::GetTokens { .. }))
    {
        let page = Rc::clone(&world.pages.borrow()[call.page]);
        let waits_for_user = page.state() == UserState::SignedOutUserPoolsTokenInvalid;
        let has_reason = page.is_frozen.get() || waits_for_user || world.is_busy_for(page.id);
        world.demand(Invariant::Settles, has_reason, || {
            format!("A call on page {} waits for nothing.", page.id)
        });
    }
}

fn brief(outcome: &Result<Got, AuthError>) -> String {
    match outcome {
        Ok(Got::Session(session)) => {
            let tokens = session
                .tokens
                .as_ref()
                .map_or("no tokens", |tokens| tokens.refresh.reveal());
            format!("{}, session {}, {tokens}", session.username.as_str(), session.id)
        }
        Ok(Got::State(state)) => format!("{state:?}"),
        Ok(Got::SignedIn) => "signed in".into(),
        Ok(Got::Nothing) => "done".into(),
        Err(error) => error.to_string(),
    }
}
