//! Every deadline, pause, cap and count of the package's Rust, in one place. Times are in milliseconds unless the name says
//! otherwise. `tests/house/limits.test.mjs` holds the documents to these numbers, and to those few that the adapters in
//! JavaScript have beside the browser calls that they bound.

// Requests

/// How long the service may take: a pool's Lambda triggers may take five seconds each.
pub const REQUEST_DEADLINE: i64 = 30_000;

/// How long the service may take for a refresh. Shorter than other calls have: the other tabs wait for this one.
pub const REFRESH_DEADLINE: i64 = 10_000;

/// An answer that was on its way for longer counts as old: it may have waited out a sleep of the device.
pub const USUAL_ANSWER_AGE: i64 = 2_000;

/// Longer texts from outside are refused, in bytes. A list of the service is some tens of kilobytes, a configuration with
/// the model of a large app some hundreds; a text that takes minutes to read, or more memory than the page has, is neither.
pub const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// Deeper JSON documents are refused: a stack that overflows cannot be caught.
pub const MAX_JSON_DEPTH: usize = 64;

/// The texts of the service are cut off here, in bytes: none is as long, and the search for secrets in them takes time.
pub const MAX_MESSAGE_BYTES: usize = 8 * 1024;

/// No exception of the service has a longer name.
pub const MAX_EXCEPTION_NAME: usize = 100;

// Tokens and their renewal

/// Tokens are renewed this long before they expire: a call that is made with them now still has to travel and be checked.
/// Of tokens that live shortly, half their life.
pub const RENEWAL_MARGIN: i64 = 120_000;

/// How long before they would be renewed anyhow tokens are renewed in the background.
pub const BACKGROUND_RENEWAL: i64 = 180_000;

/// How far a device's clock may be set back after tokens arrived without making their age unknown.
pub const CLOCK_TOLERANCE: i64 = 5_000;

/// An answer that comes later than this after its tokens were made, in seconds by the service's own clock, has a wrong
/// `Date`: the service is waited for 30 seconds, and repeats an answer for 60 at most. So has one that comes when half of
/// the tokens' life is over.
pub const MAX_ANSWER_AGE_SECONDS: i64 = 90;

/// How often a session's tokens may be renewed in a row. Tokens of the shortest life that Cognito allows, five minutes, are
/// renewed forty times an hour at most.
pub const MAX_RENEWALS: i64 = 60;

/// How often after that, from one to the next: within any hour, 120 times.
pub const RENEWAL_SPACING: i64 = 60_000;

/// The longest pause between two attempts.
pub const MAX_PAUSE: i64 = 256_000;

/// The longest `Retry-After` that is obeyed.
pub const MAX_RETRY_AFTER: i64 = 300_000;

/// How long what goes on by itself waits at least.
pub const MIN_PAUSE: i64 = 1_000;

/// How many attempts are made for tokens that no call has asked for again.
pub const MAX_RECOVERY_ATTEMPTS: usize = 8;

/// How often one `getTokens` decides again when the session changes under it.
pub const MAX_DECISIONS: usize = 5;

/// Within this time two readings of a clock are not told apart.
pub const CLOCK_RESOLUTION: i64 = 1_000;

// Tabs

/// How long a tab waits for the lock of a refresh. A tab that holds it for longer was frozen, and the stamps of the store
/// keep the two apart.
pub const LOCK_DEADLINE: i64 = 15_000;

/// How long another tab may take for a refresh before this one takes it for dead.
pub const JOURNAL_DEADLINE: i64 = 12_000;

/// How often a tab without the lock looks whether another has ended its refresh.
pub const JOURNAL_POLL: i64 = 250;

/// What another process has written to localStorage is seen only after a while, also under a lock that it held before.
pub const LOCAL_STORAGE_DELAY: i64 = 100;

/// How many ended sessions a tab remembers.
pub const MAX_ENDED_SESSIONS: usize = 20;

/// How often a tab overwrites one session that it knows to have ended: another tab may think the same of this one's.
pub const MAX_OVERWRITES_PER_SESSION: u8 = 3;

/// How many spent refresh tokens are remembered for duplicated tabs. A copy that is still open by then has hardly any
/// tokens that live.
pub const MAX_SPENT_TOKENS: usize = 50;

// Stores

/// How long an operation of the store may take.
pub const STORE_DEADLINE: i64 = 5_000;

/// How often a write is repeated when another tab has come first.
pub const MAX_WRITE_ATTEMPTS: usize = 5;

/// The same for the writes of a refresh, which keep other tabs waiting.
pub const MAX_REFRESH_WRITE_ATTEMPTS: usize = 3;

/// How often in a row a refresh is put off when the store can be neither read nor written. Then it is sent without: a store
/// that never comes back must not end the session either.
pub const MAX_REFRESHES_PUT_OFF: u32 = 3;

/// How long before each further look into a store that could not be read at the start.
pub const STORE_LOOKS: [i64; 8] = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000];

// Sign-in and sign-out

/// How many requests one call of a sign-in sends: more than any sign-in has between two questions.
pub const MAX_SIGN_IN_REQUESTS: usize = 20;

/// How long a question and a sign-up are kept: the longest that any app client lets a session live
/// (`AuthSessionValidity`). How long this one does, the service does not say; where it is shorter, the answer is refused.
pub const QUESTION_LIFE: i64 = 900_000;

/// How long a call waits for the user to sign in, when the app does not say.
pub const SIGN_IN_WAIT: i64 = 600_000;

/// The longest time that an option may ask for, and that a browser's timer counts, 24.8 days: it takes a longer one for
/// none at all.
pub const MAX_TIMER: i64 = 2_147_483_647;

/// How long a sign-in waits for the registration of its device. Later it goes on in the background.
pub const DEVICE_REGISTRATION_DEADLINE: i64 = 5_000;

/// How long before each further attempt, in the background, to register a device or to forget an earlier one.
pub const DEVICE_PAUSES: [i64; 3] = [2_000, 15_000, 120_000];

/// How many users of one device are remembered, those who signed in last, and how many names of each.
pub const MAX_DEVICE_USERS: usize = 10;

/// How long a sign-out waits for the revocation. Later it goes on in the background.
pub const REVOCATION_DEADLINE: i64 = 5_000;

/// How many revocations wait: the oldest goes first, for it is the nearest to its own end.
pub const MAX_REVOCATIONS: usize = 10;

/// How many pages of a list are read: more than any user has devices, passkeys or sessions for.
pub const MAX_PAGES: usize = 100;

/// How many entries these may have together. The service gives 60 on a page at most.
pub const MAX_LIST_ENTRIES: usize = 6_000;
