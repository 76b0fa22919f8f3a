//! Requests on their way.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::Value;
use zeroize::Zeroizing;

use super::cognito::{Answer, REVOKED, body, issue_of, refusal, refused, renewed_token};
use super::faults::{Fault, Route, route};
use super::invariants;
use super::ledger::{Attempt, Disturbance, Fate};
use super::page::Tab;
use super::world::{PageId, Slot, World};
use crate::core::api::http::{Request, Response};
use crate::core::error::{AuthError, Code};
use crate::ports::{Http, Millis};
use crate::testing;

impl Http for Tab {
    async fn send(&self, request: Request) -> Result<Response, AuthError> {
        let world = &self.world;
        let (there, route, back) = route(world);
        world.ledger.borrow_mut().sent += 1;
        let number = world.ledger.borrow().sent;
        let body = body(&request);
        invariants::sent(world, &body);
        let attempt = self.note_attempt(&request, &body);
        let slot = Slot::new();
        let reply = slot.wait();
        let exchange = exchange(
            Rc::clone(world),
            self.page.id,
            request.clone(),
            (there, route, back),
            Rc::clone(&slot),
        );
        let name = format!(
            "request {number} of page {}: {}, {route:?}",
            self.page.id,
            request.subject()
        );
        world.spawn(name, None, Some(self.page.id), exchange);
        let mut watch = Watch {
            world: Rc::clone(world),
            page: self.page.id,
            attempt,
            family: Cell::new(None),
            is_over: false,
        };
        let (answer, made, is_mixed) = reply.await;
        watch.family.set(made);
        watch.learn(&answer, is_mixed);
        answer
    }
}

impl Tab {
    /// Notes a request for new tokens, and holds it to what was promised of those.
    fn note_attempt(&self, request: &Request, body: &serde_json::Value) -> Option<usize> {
        let world = &self.world;
        let token = {
            let cognito = world.cognito.borrow();
            let asks_in_vain = request.subject() == "GetTokensFromRefreshToken" && !cognito.is_modern;
            let text = renewed_token(request, body).filter(|_| !asks_in_vain)?;
            cognito.refresh_token(&text)?
        };
        let attempt = Attempt {
            token,
            family: world.cognito.borrow().refresh_tokens[token].family,
            page: self.page.id,
            begun: self.page.stored.get(),
            sent: world.now(),
            slept: world.slept(),
            fate: Fate::Underway,
            ended: 0,
            issue: None,
            is_stored: false,
            disturbance: if self.page.is_gone.get() {
                Disturbance::Gone
            } else if world.faults.has_seen(Fault::Lock) && !world.locks.is_held_by(self.page.id) {
                Disturbance::Unlocked
            } else {
                Disturbance::None
            },
            asked_pause: 0,
        };
        world.note(|| format!("    page {} asks to renew refresh-{token}", self.page.id));
        invariants::attempted(world, &attempt);
        world.ledger.borrow_mut().attempts.push(attempt);
        Some(world.ledger.borrow().attempts.len() - 1)
    }
}

/// An answer, the family that the service began with it, and whether its tokens are mixed up.
type Arrival = (Result<Response, AuthError>, Option<usize>, bool);

/// The way of one request, whether or not the page still waits.
async fn exchange(
    world: Rc<World>,
    page: PageId,
    request: Request,
    (there, route, back): (Millis, Route, Millis),
    slot: Rc<Slot<Arrival>>,
) {
    if there > 0 {
        world.sleep(None, there).await;
    }
    let is_cut = slot.is_given_up() && world.chance(500);
    if is_cut || route == Route::LostBefore {
        return slot.fill((Err(no_answer()), None, false));
    }
    let families = world.cognito.borrow().families.len();
    let answer = match route {
        Route::Refused(status) => (status, serde_json::json!({})),
        Route::RefusedFor(_) => (503, serde_json::json!({})),
        Route::Throttled => refusal("TooManyRequestsException"),
        Route::Impostor(status) => (status, refused("NotAuthorizedException", REVOKED).1),
        Route::Foreign => (200, serde_json::json!({"status": "ok"})),
        _ => world.cognito.borrow_mut().serve(&request, world.now()),
    };
    let begun = (world.cognito.borrow().families.len() > families).then_some(families);
    let mixed = match route {
        // Without a challenge that names the user, the service's tokens say who has signed in.
        Route::Mixed(way) => {
            let is_named = begun.is_none() || request.subject() == "RespondToAuthChallenge";
            world.cognito.borrow().mixed_up(&answer, is_named, way)
        }
        _ => None,
    };
    let is_mixed = mixed.is_some();
    let answer = mixed.unwrap_or(answer);
    if let Some(family) = begun {
        // Until a page has its tokens, no page can end it.
        world.ledger.borrow_mut().forgiven.insert(family);
        world.ledger.borrow_mut().begun.insert(family, page);
    }
    world.note(|| format!("    the service answers {} with {}", request.subject(), answer.0));
    if route == Route::Silence {
        return std::future::pending().await;
    }
    if back > 0 {
        world.sleep(None, back).await;
    }
    let answer = match route {
        Route::LostAfter => Err(no_answer()),
        Route::RefusedFor(seconds) => Ok(response(&world, &answer, Some(seconds))),
        Route::Html => Ok(Response {
            body: Zeroizing::new("<html>Sign in to the network</html>".into()),
            ..response(&world, &answer, None)
        }),
        Route::Half => {
            let mut cut = response(&world, &answer, None);
            cut.body = Zeroizing::new(cut.body.chars().take(cut.body.len() / 2).collect());
            Ok(cut)
        }
        _ => Ok(response(&world, &answer, None)),
    };
    slot.fill((answer, begun, is_mixed));
}

fn response(world: &World, (status, document): &Answer, retry_after: Option<i64>) -> Response {
    Response {
        date: Some(world.now() / 1000),
        retry_after,
        ..testing::answer(*status, &document.to_string())
    }
}

fn no_answer() -> AuthError {
    AuthError::new(Code::Network, "No answer came.")
}

/// Notes what the page learns of a request, also when it gives up.
struct Watch {
    world: Rc<World>,
    page: PageId,
    attempt: Option<usize>,
    family: Cell<Option<usize>>,
    is_over: bool,
}

impl Watch {
    /// Reads the answer without the client's own reader, which is on trial here. What is mixed up is not used: the page has
    /// learnt nothing.
    fn learn(&mut self, answer: &Result<Response, AuthError>, is_mixed: bool) {
        self.is_over = true;
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        let document = answer
            .as_ref()
            .ok()
            .and_then(|answer| serde_json::from_str(&answer.body).ok());
        let document: Value = document.unwrap_or_default();
        let is = |exception: &str| status == 400 && document["__type"] == exception;
        let is_refused = is("NotAuthorizedException") || is("RefreshTokenReuseException");
        let is_unbound = is("ResourceNotFoundException");
        if is("NotAuthorizedException") && document["message"] == REVOKED {
            // The page that asked with it wants a newer one.
            self.world.ledger.borrow_mut().forced.push(self.world.now());
        }
        let document = Some(document).filter(|document| status == 200 && document.is_object() && !is_mixed);
        if let (Some(family), Some(_)) = (self.family.get(), &document) {
            self.world.ledger.borrow_mut().forgiven.remove(&family);
        }
        let issue = document
            .as_ref()
            .and_then(|document| issue_of(document["AuthenticationResult"]["AccessToken"].as_str()?));
        if let Some(issue) = issue {
            self.world.ledger.borrow_mut().received.insert(issue, self.page);
        }
        let Some(attempt) = self.attempt else { return };
        let fate = match issue {
            Some(_) => Fate::Renewed,
            None if is_refused => Fate::Refused,
            None if is_unbound => Fate::Unbound,
            None => Fate::Failed,
        };
        let asked_pause = answer.as_ref().ok().and_then(|answer| answer.retry_after).unwrap_or(0);
        self.end(attempt, fate, issue, asked_pause);
    }

    fn end(&self, attempt: usize, fate: Fate, issue: Option<usize>, asked_pause: i64) {
        let now = self.world.now();
        self.world.note(|| format!("    attempt {attempt} has {fate:?}"));
        let mut ledger = self.world.ledger.borrow_mut();
        let attempt = &mut ledger.attempts[attempt];
        // Tokens whose answer waited while the device slept may be taken for as old as that.
        let issue = issue.filter(|_| attempt.slept == self.world.slept());
        (attempt.fate, attempt.issue, attempt.ended, attempt.asked_pause) = (fate, issue, now, asked_pause);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let (Some(attempt), false) = (self.attempt, self.is_over) {
            self.end(attempt, Fate::Failed, None, 0);
        }
    }
}
