//! Sign-in: drives the conversation of [`flow::sign_in`](crate::core::flow::sign_in), also after a reload.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::engine::SignInEngine;
use crate::core::api::conceal::conceal;
use crate::core::api::user_pool::Service;
use crate::core::config::{AuthFlow, UserPoolConfig};
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::{
    self, Answer, Credentials, Failed, PendingChallenge, Question, SignIn, Step, ends_challenge,
};
use crate::core::limits::MAX_SIGN_IN_REQUESTS;
use crate::core::secret::ChallengeAnswer;
use crate::core::session::decide::superseded;
use crate::core::user_state::UserState;
use crate::engine::options::{AutoSignInOptions, ConfirmSignInOptions, SignInOptions};
use crate::engine::runtime::{Age, Attempt};
use crate::engine::store::Beside;
use crate::ports::{Env, Millis, StorageKind};

/// Where a sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInResult {
    /// The session has begun.
    SignedIn {
        /// The user is to be asked whether to remember this device.
        user_confirmation_necessary: bool,
    },
    /// The user is asked for more; the answer goes to [`Client::confirm_sign_in`].
    Asked(Question),
    /// The user has not confirmed the sign-up yet.
    ConfirmSignUp,
    /// The user must set a new password first, through `forgotPassword`.
    ResetPassword,
}

impl<E: Env> SignInEngine<E> {
    /// Signs a user in. A sign-in or challenge that was under way ends: its call says `aborted`.
    ///
    /// # Errors
    /// `invalidState` while a user is signed in; `unexpectedChallenge` when the service asks for what this sign-in does not
    /// give; `notAuthorized`, `userNotFound`, `network`, ... as the service answers;
    /// `storage` when the session cannot be kept. No session begins then.
    pub(in crate::engine) async fn sign_in(&self, options: SignInOptions) -> Result<SignInResult, AuthError> {
        let pool = self.runtime.user_pool()?;
        let attempt = self
            .begin_attempt("signIn()", self.session.sign_outs(), options.storage)
            .await?;
        let credentials = options.into_credentials(pool.auth_flow);
        self.initiate(&pool, &attempt, credentials).await
    }

    /// Signs in the user who has just confirmed a sign-up, in the session that the confirmation has given.
    ///
    /// # Errors
    /// `invalidState` when there is no such session, or it is too old; the others of [`sign_in`](Self::sign_in).
    pub(in crate::engine) async fn auto_sign_in(&self, options: AutoSignInOptions) -> Result<SignInResult, AuthError> {
        let pool = self.runtime.user_pool()?;
        let sign_outs = self.session.sign_outs();
        let confirmed = self.confirmed_sign_up().await;
        let confirmed = confirmed.ok_or_else(|| {
            AuthError::new(
                Code::InvalidState,
                "No sign-up was confirmed a moment ago that a sign-in could go on from. Call signIn().",
            )
        })?;
        let attempt = self.begin_attempt("autoSignIn()", sign_outs, options.storage).await?;
        let credentials = Credentials {
            session: Some(confirmed.session.clone()),
            ..Credentials::of_user(confirmed.username.clone())
        };
        let result = self.initiate(&pool, &attempt, credentials).await;
        // What was not answered may be tried once more.
        if result.as_ref().err().is_none_or(ends_challenge) {
            self.store.forget_pending(Beside::SignUp).await;
        }
        result
    }

    /// Answers what [`sign_in`](Self::sign_in) asked. A wrong answer leaves the question open.
    ///
    /// # Errors
    /// `invalidState` when nothing is asked; `codeMismatch`, `invalidPassword`, `invalidParameter`, `notAuthorized` (the
    /// sign-in took too long: begin again), ... as the service answers; `passkeyCancelled` and its kin.
    pub(in crate::engine) async fn confirm_sign_in(
        &self,
        options: ConfirmSignInOptions,
    ) -> Result<SignInResult, AuthError> {
        let pool = self.runtime.user_pool()?;
        let pending = self.state.pending.borrow().clone().ok_or_else(|| {
            AuthError::new(
                Code::InvalidState,
                "No sign-in waits for an answer. Call signIn() first.",
            )
        })?;
        let attempt = self.runtime.attempt();
        let mut answer = Answer {
            response: options.challenge_response,
            user_attributes: options.user_attributes,
            client_metadata: options.client_metadata,
            friendly_device_name: options.friendly_device_name,
        };
        if let Some(question) = pending.credential_request() {
            let credential = self
                .runtime
                .unless_superseded(self.runtime.env().get(question, options.is_conditional))
                .await?;
            answer.response = Some(ChallengeAnswer::new(&**credential));
        }
        let devices = Rc::new(attempt.run(self.session.devices_for(pending.storage)).await?);
        let step = pending.answer(answer, devices, &|| self.take_ephemeral())?;
        self.converse(&pool, &attempt, Some(pending), step).await
    }

    /// The question of a sign-in that is half done, also after a reload; `None` where there is none, or the service has
    /// forgotten it by now.
    ///
    /// # Errors
    /// `invalidConfiguration` before `initialize`.
    pub(in crate::engine) async fn resume_sign_in(&self) -> Result<Option<SignInResult>, AuthError> {
        self.runtime.user_pool()?;
        self.session.look_if_stale().await;
        drop(self.store.lock().await);
        let attempt = self.runtime.attempt();
        let known = self.state.pending.borrow().clone();
        let pending = match known {
            Some(known) => Some(known),
            // While a user is signed in, no half-done sign-in is reported.
            None if self.session.user_state() == UserState::SignedIn => None,
            None => self.store.read_pending().await.map(Rc::new),
        };
        let is_stale = attempt.is_superseded() || self.session.user_state() == UserState::SignedIn;
        let Some(pending) = pending.filter(|_| !is_stale) else {
            return Ok(None);
        };
        if pending.is_over_at(self.runtime.env().now()) {
            self.state.pending.replace(None);
            self.store.forget_asked_until(Beside::SignIn, pending.asked_at).await;
            return Ok(None);
        }
        let question = Question::of(&pending);
        self.state.asked_storage.set(pending.storage);
        self.state.pending.replace(Some(pending));
        Ok(question.map(SignInResult::Asked))
    }

    /// Makes room for another sign-in: a half-done one is superseded. `sign_outs` is how many had been called when it
    /// was: it waits for those, and a later one ends it.
    async fn begin_attempt(
        &self,
        call: &str,
        sign_outs: u32,
        storage: Option<StorageKind>,
    ) -> Result<Attempt, AuthError> {
        self.session.look_if_stale().await;
        drop(self.store.lock().await);
        if self.session.sign_outs() != sign_outs {
            return Err(superseded());
        }
        if self.session.user_state() == UserState::SignedIn {
            return Err(AuthError::new(
                Code::InvalidState,
                format!("A user is signed in already. Call signOut() before {call}."),
            ));
        }
        if storage.is_none_or(|kind| kind == self.store.kind()) {
            self.session.check_store()?;
        }
        let attempt = self.runtime.supersede();
        self.state.asked_storage.set(storage);
        self.store.forget_asked_in_background(Millis::MAX);
        Ok(attempt)
    }

    async fn initiate(
        &self,
        pool: &UserPoolConfig,
        attempt: &Attempt,
        credentials: Credentials,
    ) -> Result<SignInResult, AuthError> {
        let devices = self.session.devices_for(self.state.asked_storage.get());
        let devices = Rc::new(attempt.run(devices).await?);
        let sign_in = sign_in::start(credentials, devices, &|| self.take_ephemeral())?;
        let step = Step::Send(Box::new(sign_in), None);
        self.converse(pool, attempt, None, step).await
    }

    /// Goes on until there are tokens or a question. `answered` is the question that is open meanwhile.
    async fn converse(
        &self,
        pool: &UserPoolConfig,
        attempt: &Attempt,
        mut answered: Option<Rc<PendingChallenge>>,
        mut step: Step,
    ) -> Result<SignInResult, AuthError> {
        let mut age = Age::default();
        for _ in 0..MAX_SIGN_IN_REQUESTS {
            let sign_in = match step {
                Step::Send(sign_in, pending) => {
                    if let Some(pending) = pending {
                        answered = Some(self.hold(*pending).await);
                    }
                    sign_in
                }
                Step::Ask(pending, error) => {
                    let question = Question::of(&pending);
                    attempt.run(self.hold(*pending)).await?;
                    return match (error, question) {
                        (Some(error), _) => Err(error),
                        (None, Some(question)) => Ok(SignInResult::Asked(question)),
                        (None, None) => Err(AuthError::new(Code::Internal, "A challenge without a question.")),
                    };
                }
                Step::Done(done) => {
                    let user_confirmation_necessary = self.complete(attempt, *done, age).await?;
                    return Ok(SignInResult::SignedIn {
                        user_confirmation_necessary,
                    });
                }
            };
            (step, age) = match self.exchange(pool, attempt, sign_in).await {
                Ok(next) => next,
                Err(error) => return self.refused(answered, error),
            };
        }
        Err(AuthError::new(
            Code::Unknown,
            "The sign-in was stopped after too many challenges. Check the pool's Lambda triggers, then call signIn() again.",
        ))
    }

    /// Sends what a sign-in has to send, and takes the answer.
    async fn exchange(
        &self,
        pool: &UserPoolConfig,
        attempt: &Attempt,
        sign_in: Box<SignIn>,
    ) -> Result<(Step, Age), AuthError> {
        let context = self.runtime.context_data(pool, sign_in.username());
        let service = Service {
            pool,
            context_data: context.as_deref(),
        };
        let request = sign_in.request(service);
        let reply = self.runtime.ask(request.clone()).await;
        let is_late = attempt.is_superseded();
        let draw = || self.take_ephemeral();
        let age = reply.as_ref().map(|reply| reply.age).unwrap_or_default();
        let step = match reply {
            Ok(reply) => {
                let step = sign_in.next(service, &reply.document, self.runtime.env().now(), &draw);
                // The name of a challenge is the service's, and may quote a secret.
                step.map_err(|error| conceal(&request, error))
            }
            Err(error) if is_late => Err(error),
            Err(error) => match sign_in.failed(&error, &draw) {
                Failed::Retry(again, outdated) => {
                    self.session.forget_in_background(outdated);
                    Ok(Step::Send(again, None))
                }
                Failed::Over(outdated) => {
                    outdated
                        .into_iter()
                        .for_each(|each| self.session.forget_in_background(each));
                    Err(error)
                }
            },
        };
        // Tokens go on to `begin`, which revokes those that came too late.
        if is_late && !matches!(step, Ok(Step::Done(_))) {
            return Err(superseded());
        }
        step.map(|step| (step, age))
    }

    /// Keeps a question open, here and for after a reload.
    async fn hold(&self, pending: PendingChallenge) -> Rc<PendingChallenge> {
        let pending = Rc::new(PendingChallenge {
            storage: self.state.asked_storage.get(),
            ..pending
        });
        self.state.pending.replace(Some(Rc::clone(&pending)));
        self.store.keep_pending(&pending).await;
        pending
    }

    /// What a refusal comes to. It may end the question that was answered, and not one that has taken its place since:
    /// of two answers to one question the service refuses the second.
    fn refused(&self, answered: Option<Rc<PendingChallenge>>, error: AuthError) -> Result<SignInResult, AuthError> {
        let open = self.state.pending.borrow().clone();
        let is_open = |answered: &Rc<_>| open.is_some_and(|open| Rc::ptr_eq(&open, answered));
        if let Some(ended) = answered.filter(is_open).filter(|answered| answered.is_ended_by(&error)) {
            self.state.pending.replace(None);
            self.store.forget_asked_in_background(ended.asked_at);
        }
        match error.code {
            Code::UserNotConfirmed => Ok(SignInResult::ConfirmSignUp),
            Code::PasswordResetRequired => Ok(SignInResult::ResetPassword),
            _ => Err(error),
        }
    }
}

impl SignInOptions {
    /// `validationData` is for the first request only, and wins over `clientMetadata` there.
    fn into_credentials(self, configured: AuthFlow) -> Credentials {
        let mut initial_metadata = self.client_metadata.clone();
        let named: BTreeSet<_> = self.validation_data.iter().map(|(name, _)| &**name).collect();
        initial_metadata.retain(|(name, _)| !named.contains(&**name));
        initial_metadata.extend(self.validation_data);
        Credentials {
            username: self.username,
            password: self.password,
            flow: self.auth_flow.unwrap_or(configured),
            preferred_challenge: self.preferred_challenge,
            target_acr_values: self.target_acr_values,
            max_age: self.max_age,
            session: None,
            initial_metadata,
            client_metadata: self.client_metadata,
        }
    }
}
