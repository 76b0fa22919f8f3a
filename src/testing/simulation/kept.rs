//! Sessions as the book of a run knows them.

use super::cognito::{USERS, is_own, issue_of};
use super::world::World;
use crate::core::record::{Record, User};
use crate::core::session::Session;
use crate::ports::Millis;

/// How long after their end by the service's clock tokens may still be taken for alive: the device's clock may be set
/// back by five seconds unnoticed, the service's shows whole seconds, and answers travel.
pub(super) const LEEWAY: Millis = 12_000;

/// Which session it is, and which tokens it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) family: Option<usize>,
    pub(super) issue: Option<usize>,
    pub(super) is_refused: bool,
}

pub(super) fn kept(world: &World, session: &Session) -> Kept {
    let issue = session.access_token().and_then(|token| issue_of(token.reveal()));
    let family = issue.map(|issue| world.cognito.borrow().issues[issue].family);
    Kept {
        family: family.or_else(|| world.ledger.borrow().families.get(&session.id).copied()),
        issue,
        is_refused: session.refusal.is_some(),
    }
}

/// What the store holds: a session, or none.
pub(super) fn kept_in_store(world: &World) -> Option<Kept> {
    let text = world.store.borrow().session_record().map(String::from)?;
    kept_in(world, &text)
}

/// What a record holds.
pub(super) fn kept_in(world: &World, record: &str) -> Option<Kept> {
    match Record::decode(record).ok()?.user {
        User::SignedIn(session) => Some(kept(world, &session)),
        User::SignedOut(_) => None,
    }
}

/// Whether a session's tokens belong together, and to the user it names.
pub(super) fn consistency(world: &World, session: &Session) -> (bool, String) {
    let Some(tokens) = session.pool_tokens() else {
        return (true, String::new());
    };
    let cognito = world.cognito.borrow();
    let (access, id) = (issue_of(tokens.access.reveal()), issue_of(tokens.id.reveal()));
    let Some(issue) = access.and_then(|issue| cognito.issues.get(issue)) else {
        return (false, "An access token that the service has not issued.".into());
    };
    let family = &cognito.families[issue.family];
    let user = USERS[family.user];
    let refresh_token = cognito.refresh_token(&tokens.refresh.reveal().into());
    let is_own = is_own(tokens.access.reveal(), "access") && is_own(tokens.id.reveal(), "id");
    let fits = access == id
        && is_own
        && refresh_token == Some(issue.refresh_token)
        && session.username() == Some(user)
        && session.subject() == Some(&*family.sub);
    let detail = format!(
        "{:?} has access token {access:?} and ID token {id:?} of {user}, of this client: {is_own}, and refresh token {refresh_token:?} in place of {}.",
        session.username(),
        issue.refresh_token
    );
    (fits, detail)
}
