//! Sign-in: drives the conversation of [`flow::sign_in`](crate::core::flow::sign_in) and begins the session.

use std::cell::RefCell;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::bell::Turn;
use super::calls::{Outcome, superseded};
use super::client::Client;
use super::options::{ConfirmSignInOptions, SignInOptions};
use crate::core::api::http::Request;
use crate::core::api::user_pool::{self, AuthAnswer, AuthenticationResult, Service};
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::{self, Credentials, Question, SignIn, Step};
use crate::core::record::{Content, Record};
use crate::core::secret::RefreshToken;
use crate::core::session::Session;
use crate::core::srp::Ephemeral;
use crate::core::user_state::{Event, Reason, UserState};
use crate::ports::Env;

/// Where a sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInResult {
    /// The session has begun.
    SignedIn,
    /// The user is asked for more; the answer goes to [`Client::confirm_sign_in`].
    Asked(Question),
}

impl<E: Env> Client<E> {
    /// Signs a user in. A sign-in or challenge that was under way ends: its call says `aborted`.
    ///
    /// # Errors
    /// `invalidState` while a user is signed in; `notAuthorized`, `userNotFound`, `userNotConfirmed`,
    /// `passwordResetRequired`, `network`, ... as the service answers; `storage` when the session cannot be kept.
    /// No session begins then.
    pub async fn sign_in(&self, options: SignInOptions) -> Result<SignInResult, AuthError> {
        let pool = self.user_pool()?;
        self.settle_doubt().await;
        // After a sign-out that was called before.
        drop(self.0.turns.take().await);
        if self.0.state.get() == UserState::SignedIn {
            return Err(AuthError::new(
                Code::InvalidState,
                "A user is signed in already. Call signOut() before signIn().",
            ));
        }
        let epoch = self.begin_epoch();
        let context = self.context_data(&pool, &options.username);
        let service = Service {
            pool: &pool,
            context_data: context.as_deref(),
        };
        let (sign_in, request) = sign_in::start(service, Credentials::from(options), || self.take_ephemeral())?;
        self.converse(service, epoch, sign_in, request).await
    }

    /// Answers what [`sign_in`](Self::sign_in) asked. A wrong answer leaves the question open.
    ///
    /// # Errors
    /// `invalidState` when nothing is asked; `invalidPassword`, `invalidParameter`, `notAuthorized` (the sign-in
    /// took too long: begin again), ... as the service answers.
    pub async fn confirm_sign_in(&self, options: ConfirmSignInOptions) -> Result<SignInResult, AuthError> {
        let pool = self.user_pool()?;
        let pending = self.0.pending_challenge.borrow().clone().ok_or_else(|| {
            AuthError::new(
                Code::InvalidState,
                "No sign-in waits for an answer. Call signIn() first.",
            )
        })?;
        let epoch = self.0.epoch.get();
        let context = self.context_data(&pool, &pending.username);
        let service = Service {
            pool: &pool,
            context_data: context.as_deref(),
        };
        let (sign_in, request) = pending.answer(
            service,
            &options.challenge_response,
            &options.user_attributes,
            options.client_metadata,
        );
        let result = self.converse(service, epoch, sign_in, request).await;
        let is_over = |error: &AuthError| error.code == Code::NotAuthorized;
        if self.0.epoch.get() == epoch && result.as_ref().is_err_and(is_over) {
            self.0.pending_challenge.replace(None);
        }
        result
    }

    /// Computes `A` of the next sign-in ahead, so that it does not stand between the user's click and the answer.
    ///
    /// # Errors
    /// `internal` when the device has no source of random bytes.
    pub fn prepare_sign_in(&self) -> Result<(), AuthError> {
        if self.0.state.get() != UserState::SignedIn && self.0.prepared.borrow().is_none() {
            let ephemeral = self.make_ephemeral()?;
            self.0.prepared.replace(Some(ephemeral));
        }
        Ok(())
    }

    async fn converse(
        &self,
        service: Service<'_>,
        epoch: u64,
        mut sign_in: SignIn,
        mut request: Request,
    ) -> Result<SignInResult, AuthError> {
        loop {
            let document = self.ask(request).await;
            let is_late = self.0.epoch.get() != epoch;
            if is_late && document.is_err() {
                return Err(superseded());
            }
            let document = document?;
            let answer = user_pool::parse_auth(&document)?;
            // Tokens go on to `begin_session`, which revokes those that came too late.
            if is_late && matches!(answer, AuthAnswer::Challenge(_)) {
                return Err(superseded());
            }
            match sign_in.next(service, answer, self.0.env.now() / 1000)? {
                Step::Send(next, next_request) => (sign_in, request) = (next, next_request),
                Step::Ask(pending) => {
                    let question = pending.question.clone();
                    self.0.pending_challenge.replace(Some(Rc::new(pending)));
                    return Ok(SignInResult::Asked(question));
                }
                Step::Done(result) => {
                    let mut guard = EndOnDrop {
                        client: self,
                        epoch,
                        is_armed: true,
                    };
                    let client = self.clone();
                    let refresh = result.refresh.clone();
                    let session = self.session_of(result);
                    // A task of its own: nobody's abort leaves a session that is stored and not begun.
                    let begun = self.share(async move { client.begin_session(epoch, session, refresh).await });
                    let begun = begun.await;
                    guard.is_armed = false;
                    return begun.map(|_| SignInResult::SignedIn);
                }
            }
        }
    }

    /// Stores the session and commits it. One that cannot begin here does not live on at the service.
    async fn begin_session(
        &self,
        epoch: u64,
        session: Result<Session, AuthError>,
        refresh: Option<RefreshToken>,
    ) -> Outcome {
        let turn = self.0.turns.take().await;
        let begun = match session {
            Ok(session) => {
                // Before, for nothing may come between the commit and the answer; a note too many does no harm.
                self.note_configuration().await;
                self.store_session(&turn, epoch, session).await
            }
            Err(error) => Err(error),
        };
        // The service has used up the challenge's session, whether ours begins or not.
        if self.0.epoch.get() == epoch {
            self.0.pending_challenge.replace(None);
        }
        if begun.is_err() {
            self.remember_revocations(refresh.into_iter().collect(), true);
            drop(turn);
            let _ = self.revoke_in_background().await;
        }
        begun
    }

    async fn store_session(&self, turn: &Turn, epoch: u64, session: Session) -> Outcome {
        if self.0.epoch.get() != epoch {
            return Err(superseded());
        }
        let stored = RefCell::new(Rc::new(session));
        let content = || {
            if self.0.epoch.get() != epoch {
                return None;
            }
            // Numbered at each attempt: a number that another tab has used meanwhile would make two sessions one.
            let numbered = self.numbered(&stored.borrow());
            stored.replace(Rc::clone(&numbered));
            Some(Content::Session(numbered))
        };
        // Whoever signed in last is signed in, and nobody else.
        let replaced = |record: Record| {
            if let Content::Session(other) = &record.content
                && let Some(tokens) = &other.tokens
            {
                self.remember_revocation(tokens);
            }
        };
        let view = self.0.store.view();
        let written = self.put_over(turn, content, replaced).await;
        if let Err(error) = written {
            // Nothing was kept, so what is there is not behind anything.
            self.0.store.restore_view(view);
            self.note_ended(stored.borrow().id);
            return Err(error);
        }
        if self.0.epoch.get() != epoch {
            let before = match self.live() {
                Some(live) => Content::Session(live.session),
                None => Content::SignedOut(Reason::UserAction),
            };
            self.note_ended(stored.borrow().id);
            let _ = self.put(turn, before).await;
            return Err(superseded());
        }
        let session = stored.into_inner();
        self.commit(
            Event::SignedIn,
            Some(Rc::clone(&session)),
            Some(Reason::UserAction),
            None,
        );
        Ok(Some(session))
    }

    fn session_of(&self, result: AuthenticationResult) -> Result<Session, AuthError> {
        let device_key = result.device_key.clone();
        Session::begun_with(self.receive(result, None)?, device_key)
            .ok_or_else(|| AuthError::new(Code::Unknown, "The service's access token does not say whose it is."))
    }

    /// An `a` serves one sign-in only.
    fn take_ephemeral(&self) -> Result<Ephemeral, AuthError> {
        let prepared = self.0.prepared.borrow_mut().take();
        prepared.map_or_else(|| self.make_ephemeral(), Ok)
    }

    fn make_ephemeral(&self) -> Result<Ephemeral, AuthError> {
        let mut secret = Zeroizing::new([0; Ephemeral::SECRET_LEN]);
        self.0.env.fill(&mut *secret)?;
        Ephemeral::new(&*secret).map_err(sign_in::refuse)
    }
}

/// Makes a sign-in stale whose caller has gone.
struct EndOnDrop<'a, E: Env> {
    client: &'a Client<E>,
    epoch: u64,
    is_armed: bool,
}

impl<E: Env> Drop for EndOnDrop<'_, E> {
    fn drop(&mut self) {
        if self.is_armed && self.client.0.epoch.get() == self.epoch {
            self.client.begin_epoch();
        }
    }
}

impl From<SignInOptions> for Credentials {
    /// `validationData` is for the first request only, and wins over `clientMetadata` there.
    fn from(options: SignInOptions) -> Self {
        let SignInOptions {
            username,
            password,
            validation_data,
            client_metadata,
        } = options;
        let mut initial_metadata = client_metadata.clone();
        initial_metadata.retain(|(name, _)| validation_data.iter().all(|(other, _)| other != name));
        initial_metadata.extend(validation_data);
        Self {
            username,
            password,
            initial_metadata,
            client_metadata,
        }
    }
}
