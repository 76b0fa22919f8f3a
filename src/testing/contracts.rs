//! What every implementation of a port promises, in a browser as here.

use crate::ports::{Clock, Random, Storage};

/// What every [`Storage`] promises.
pub(crate) async fn storage_contract(storage: &impl Storage) {
    let key = "cognito-wasm/contract/ключ";
    storage.remove(key).await.unwrap();
    assert_eq!(storage.get(key).await.unwrap(), None);
    for text in ["{\"a\":\"\u{1f600}\"}", "", "second"] {
        storage.set(key, text).await.unwrap();
        assert_eq!(storage.get(key).await.unwrap().as_deref(), Some(text));
    }
    storage.remove(key).await.unwrap();
    storage.remove(key).await.unwrap();
    assert_eq!(storage.get(key).await.unwrap(), None);
}

/// What every [`Random`] promises.
pub(crate) fn random_contract(random: &impl Random) {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    random.fill(&mut first).unwrap();
    random.fill(&mut second).unwrap();
    assert_ne!(first, [0; 32]);
    assert_ne!(first, second);
}

/// What every [`Clock`] promises.
pub(crate) fn clock_contract(clock: &impl Clock) {
    let first = clock.now();
    assert!(
        first > 1_700_000_000,
        "seconds since 1970, not milliseconds and not since start"
    );
    assert!(first < 100_000_000_000);
    assert!(clock.now() >= first);
}
