//! What every call of the app is held to.

use std::rc::Rc;

use super::calls::{Ask, Got, Seen};
use super::device_checks::devices_forgotten;
use super::faults::Fault;
use super::invariants::Invariant;
use super::kept::{LEEWAY, consistency, kept};
use super::ledger::Fate;
use super::page::Page;
use super::world::World;
use crate::core::error::{AuthError, Code};
use crate::core::refusal::Exception;
use crate::core::secret::RefreshToken;
use crate::core::session::Session;
use crate::core::user_state::UserState;
use crate::ports::Millis;

/// How long it may take until a page has heard of a change and read it.
const HEARING: Millis = 1_500;

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
            .session_in_memory()
            .filter(|_| !client.must_look_first())
            .and_then(|session| kept(world, &session).family),
        username: snapshot.username,
    })
}

/// A call has ended.
pub(super) fn settled(world: &World, page: &Rc<Page>, number: usize, outcome: Result<Got, AuthError>) {
    let (ask, begun, before, is_aborted) = {
        let mut ledger = world.ledger.borrow_mut();
        let call = &mut ledger.calls[number];
        (call.is_over, call.ended) = (true, world.now());
        (call.ask, call.begun, call.seen.clone(), call.is_aborted)
    };
    world.note(|| format!("call {number} on page {}, {ask:?}, ends: {}", page.id, brief(&outcome)));
    if page.is_gone.get() {
        return;
    }
    let notified = page.notified.borrow();
    match (ask, &outcome) {
        (_, Err(error)) => {
            let is_too_early = before.as_ref().is_none_or(|before| before.state == UserState::Unknown);
            let has_reason = is_too_early || is_reasonable(world, error, ask, is_aborted);
            world.demand(Invariant::Served, has_reason, || {
                format!("Call {number} on page {}: {error}", page.id)
            });
        }
        (Ask::GetTokens { .. }, Ok(Got::Session(session))) => {
            drop(notified);
            served(world, page, session);
            let is = kept(world, session);
            let user = |family: Option<usize>| family.map(|family| world.cognito.borrow().families[family].user);
            let was = before
                .filter(|before| before.state == UserState::SignedIn)
                .and_then(|before| user(before.family));
            let has_waited = page.notified.borrow().invalid.is_some_and(|invalid| invalid >= begun);
            let is_same = was.is_none() || has_waited || was == user(is.family);
            world.demand(Invariant::OwnTokens, is_same, || {
                format!("Call {number} began with another user than it ended with.")
            });
            return;
        }
        (Ask::SignIn(..) | Ask::Confirm(_), Ok(Got::SignedIn)) => {
            let is_notified = notified.signed_in.iter().any(|(_, at)| *at >= begun);
            world.demand(Invariant::Order, is_notified, || {
                format!("Call {number} has signed in, and no listener was notified.")
            });
            let overtaking = signed_out_during(world, page, begun);
            world.demand(Invariant::EndedHere, overtaking.is_none(), || {
                format!("Call {number} has signed in, though call {overtaking:?} has signed out since it began.")
            });
        }
        (Ask::Resume, Ok(Got::Asked)) => {
            let state = page.state();
            world.demand(Invariant::Order, state != UserState::SignedIn, || {
                format!("Call {number} is asked of a user who is signed in.")
            });
        }
        (Ask::DeleteUser | Ask::ForgetDevice, Ok(_)) => devices_forgotten(world, before.as_ref()),
        _ => {}
    }
    drop(notified);
    if let (true, Ok(_)) = (ask.ends_session(), &outcome) {
        let mut notified = page.notified.borrow_mut();
        notified.ended_here.extend(before.and_then(|before| before.family));
        // Both may end no session, where another has begun meanwhile.
        let is_asked_first = matches!(ask, Ask::SignOut { globally: true, .. } | Ask::DeleteUser);
        let is_notified = notified.signed_out.is_some_and(|at| at >= begun);
        world.demand(Invariant::Order, is_notified || is_asked_first, || {
            format!("Call {number} has signed out, and no listener was notified.")
        });
    }
}

/// The call on the page that has signed out, if one has begun after the moment and has ended before this one.
fn signed_out_during(world: &World, page: &Page, begun: Millis) -> Option<usize> {
    let now = world.now();
    let ledger = world.ledger.borrow();
    ledger.calls.iter().position(|call| {
        let signs_out = matches!(call.ask, Ask::SignOut { globally: false, .. } | Ask::Clear);
        call.page == page.id && signs_out && !call.is_aborted && call.is_over && call.begun > begun && call.begun < now
    })
}

/// Whether what has happened explains the failure.
fn is_reasonable(world: &World, error: &AuthError, ask: Ask, is_aborted: bool) -> bool {
    let ledger = world.ledger.borrow();
    match error.code {
        Code::NotSignedIn | Code::UnableToSignIn => {
            matches!(ask, Ask::GetTokens { .. } | Ask::SignOut { globally: true, .. }) || ask.is_operation()
        }
        Code::InvalidState => matches!(ask, Ask::SignIn(..) | Ask::Confirm(_)),
        Code::Timeout => matches!(ask, Ask::GetTokens { .. }) || ask.is_operation(),
        Code::NotAuthorized => {
            let refuses = ledger.attempts.iter().any(|attempt| attempt.fate == Fate::Refused);
            // Another page has answered the question, or it was answered too late; or an access token that has just come was
            // ended at the service meanwhile.
            matches!(ask, Ask::SignIn(_, false) | Ask::Confirm(_)) || ask.is_operation() || refuses
        }
        Code::CodeMismatch => ask == Ask::Confirm(false),
        Code::DeviceNotRemembered | Code::ResourceNotFound => ask == Ask::ForgetDevice,
        // Overtaken by a sign-in or a sign-out, here or elsewhere.
        Code::Aborted => {
            let overtakes = |ask: Ask| ask.ends_session() || matches!(ask, Ask::SignIn(..) | Ask::Confirm(_));
            is_aborted || ledger.calls.iter().filter(|call| overtakes(call.ask)).count() > 1
        }
        _ => {
            error.is_refusal(Exception::RefreshTokenReuse)
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
    let is_users = username.as_deref() == session.username();
    world.demand(Invariant::OwnTokens, is_users, || {
        format!("{username:?} is signed in on page {}.", page.id)
    });

    let expires = world.cognito.borrow().issues[issue].expires;
    let ledger = world.ledger.borrow();
    // A clock that is set back while the device sleeps hides how long it slept.
    let is_hidden = world.faults.has_seen(Fault::Sleep) && ledger.set_back() > 0;
    // The page that got them from the service knows their age by a clock that no user sets.
    let is_receiver = ledger.received.get(&issue) == Some(&page.id);
    let set_back = if is_receiver { 0 } else { ledger.set_back() };
    let is_alive = is_hidden || now < expires + LEEWAY + set_back;
    world.demand(Invariant::Alive, is_alive, || {
        format!(
            "Page {} hands out issue {issue}, {} ms too late.",
            page.id,
            now - expires
        )
    });

    let is_ended_here = page.notified.borrow().ended_here.contains(&family);
    world.demand(Invariant::EndedHere, !is_ended_here, || {
        format!("Page {} has signed session {family} out.", page.id)
    });
    if let Some((ended, by)) = ledger.ended.get(&family) {
        let writer = Rc::clone(&world.pages.borrow()[*by]);
        // A page that stops between storing and announcing leaves the others to find out.
        let is_notified = !writer.is_gone.get() && !writer.is_frozen.get();
        let knew = page.knew_of_last_freeze.get() && page.thawed.get() > *ended;
        // And a page that has not heard of it finds out when it looks.
        let has_missed = page.missed.get().is_some_and(|missed| missed >= *ended);
        let could_know = [page.thawed.get(), page.looked.get(), page.born, writer.thawed.get()];
        let late = world.awake() - could_know.into_iter().fold(*ended, Millis::max);
        world.demand(
            Invariant::EndedElsewhere,
            !knew && (late <= HEARING || !is_notified || has_missed),
            || {
                format!(
                    "Page {} hands session {family} out {late} ms after it could know of its end.",
                    page.id
                )
            },
        );
    }
}

fn brief(outcome: &Result<Got, AuthError>) -> String {
    match outcome {
        Ok(Got::Session(session)) => {
            let token = session.refresh_token().map_or("no tokens", RefreshToken::reveal);
            format!("{:?}, session {}, {token}", session.username(), session.id)
        }
        Ok(Got::State(state)) => format!("{state:?}"),
        Ok(Got::SignedIn) => "signed in".into(),
        Ok(Got::Asked) => "asked for a code".into(),
        Ok(Got::Nothing) => "done".into(),
        Err(error) => error.to_string(),
    }
}
