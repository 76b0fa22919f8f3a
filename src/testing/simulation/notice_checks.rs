//! What listeners are notified of, and when; and whether a call waits in vain.

use std::rc::Rc;

use super::calls::Ask;
use super::cognito::issue_of;
use super::faults::Fault;
use super::invariants::Invariant;
use super::kept::kept;
use super::ledger::{Fate, Ledger};
use super::page::Page;
use super::world::World;
use crate::core::user_state::{Reason, UserState};
use crate::engine::{ClientEvent, Notice};

/// A page is notified something.
pub(super) fn notified(world: &World, page: &Page, notice: &Notice) {
    let now = world.now();
    let state = notice.snapshot.user_state;
    let event = notice.event.as_ref();
    world.note(|| {
        format!(
            "page {} is notified {state:?}, listeners {}, {event:?}",
            page.id,
            notice.state_change().is_some()
        )
    });
    if let Some(session) = &notice.session {
        let is_users = notice.snapshot.username.as_deref() == session.username();
        world.demand(Invariant::OwnTokens, is_users, || {
            format!("Page {} is notified of another user's tokens.", page.id)
        });
    }
    let served = notice.session.as_ref().and_then(|session| kept(world, session).family);
    let is_ending = served.is_some_and(|family| world.ledger.borrow().is_ending(page.id, family));
    world.demand(Invariant::EndedHere, !is_ending, || {
        format!("Page {} is given tokens while it signs out.", page.id)
    });
    let mut notified = page.notified.borrow_mut();
    let last = std::mem::replace(&mut notified.last_state, state);
    let may_be_silent = last == state || last == UserState::Unknown;
    world.demand(
        Invariant::Order,
        notice.state_change().is_some() || may_be_silent,
        || format!("{last:?} became {state:?} silently."),
    );
    if let (Some(ClientEvent::TokensRefreshed), Some(session)) = (event, &notice.session) {
        let issue = kept(world, session).issue;
        let before = std::mem::replace(&mut notified.refreshed, issue);
        world.demand(Invariant::Order, issue != before, || {
            format!("Page {} is notified of the same new tokens again.", page.id)
        });
    }
    let Some(info) = notice.state_change() else { return };
    let ledger = world.ledger.borrow();
    let calls = ledger.calls.iter().enumerate().filter(|(number, call)| {
        call.page == page.id && (*number >= notified.last_at_call || !call.is_over || call.ended >= notified.last_at)
    });
    let calls = calls.map(|(_, call)| call.ask).collect::<Vec<_>>();
    let family = match &info.token {
        Some(token) => issue_of(token).map(|issue| world.cognito.borrow().issues[issue].family),
        None => page
            .client()
            .and_then(|client| kept(world, client.session_in_memory()?.as_ref()).family),
    };
    let is_new = notified.last != Some((state, family));
    let has_cause = match state {
        UserState::SignedIn => is_new,
        UserState::SignedOutUserPoolsTokenInvalid => {
            // A call that needs tokens waits for the user to sign in again, and every new waiter has the user asked.
            let may_wait = |ask: &Ask| matches!(ask, Ask::GetTokens { .. } | Ask::DeleteUser | Ask::ForgetDevice);
            is_new || calls.iter().any(may_wait)
        }
        _ if matches!(info.reason, Some(Reason::UserAction | Reason::AccountDeleted)) => {
            notified.sign_outs += 1;
            ledger
                .calls
                .iter()
                .filter(|call| call.page == page.id && call.ask.ends_session())
                .count()
                >= notified.sign_outs
        }
        _ => notified.last.is_none_or(|(last, _)| last != state),
    };
    world.demand(Invariant::Order, has_cause, || {
        format!("Page {} is notified {state:?} again.", page.id)
    });
    let has_grounds = match (state, info.reason) {
        (UserState::SignedOut, Some(reason @ (Reason::UserAction | Reason::AccountDeleted))) => {
            let is_cause =
                |ask: Ask| ask.ends_session() && (ask == Ask::DeleteUser) == (reason == Reason::AccountDeleted);
            let mut calls = ledger.calls.iter().filter(|call| call.page == page.id);
            calls.any(|call| is_cause(call.ask))
        }
        (UserState::SignedOut, Some(Reason::OtherTab)) => {
            // A sign-in whose record was stored although the store said no is taken back.
            let last = ledger
                .ended
                .iter()
                .max_by_key(|(_, (at, _))| *at)
                .map(|(family, _)| *family);
            let is_taken_back = last.is_some_and(|family| has_failed(world, &ledger, family, page));
            let mut others = ledger.calls.iter().filter(|call| call.page != page.id);
            is_taken_back || others.any(|call| call.ask.ends_session())
        }
        (UserState::SignedOut, _) => world.faults.has_seen(Fault::Damage) || world.faults.has_seen(Fault::Storage),
        (UserState::SignedOutUserPoolsTokenInvalid, _) => ledger
            .attempts
            .iter()
            .any(|attempt| Some(attempt.family) == family && attempt.fate == Fate::Refused),
        _ => true,
    };
    world.demand(Invariant::Grounds, has_grounds, || {
        format!("Page {} is notified {state:?} for {:?}.", page.id, info.reason)
    });
    notified.last = Some((state, family));
    notified.last_at_call = ledger.calls.len();
    notified.last_at = now;
    match state {
        UserState::SignedIn => notified.signed_in.extend(family.map(|family| (family, now))),
        UserState::SignedOutUserPoolsTokenInvalid => notified.invalid = Some(now),
        _ => notified.signed_out = Some(now),
    }
}

/// Whether the page that began a session was never notified that it had.
fn has_failed(world: &World, ledger: &Ledger, family: usize, notified: &Page) -> bool {
    let by = ledger.begun.get(&family).filter(|by| **by != notified.id);
    by.is_some_and(|by| {
        let pages = world.pages.borrow();
        !pages[*by].notified.borrow().has_begun(family)
    })
}

/// Something has run.
pub(super) fn stepped(world: &World) {
    for page in world.pages.borrow().iter().filter(|page| !page.is_gone.get()) {
        let (state, notified) = (page.state(), page.notified.borrow().last_state);
        world.demand(Invariant::Order, state == notified, || {
            format!("Page {} is {state:?} and was notified {notified:?}.", page.id)
        });
    }
}

/// Nothing can run until time passes.
pub(super) fn idle(world: &World) {
    for page in world
        .pages
        .borrow()
        .iter()
        .filter(|page| page.is_gone.get() && !page.is_frozen.get())
    {
        let is_free = !world.locks.has(page.id);
        world.demand(Invariant::Settles, is_free, || {
            format!("Page {} is closed and keeps its lock.", page.id)
        });
    }
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
