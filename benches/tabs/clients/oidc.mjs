import { UserManager, WebStorageStateStore } from "oidc-client-ts";

// This page is left at once: what it would renew by itself could be lost on the way.
export async function signIn(settings) {
  const manager = made(settings, { automaticSilentRenew: false });
  await manager.signinResourceOwnerCredentials({
    username: settings.username,
    password: settings.password,
    skipUserInfo: true,
  });
}

export async function open(settings) {
  const manager = made(settings, {});
  return {
    async token() {
      const user = await manager.getUser();
      // An app sends the user to the sign-in page.
      if (user === null) return undefined;
      return (user.expired ? await manager.signinSilent() : user)?.access_token;
    },
  };
}

function made({ url, clientId }, others) {
  return new UserManager({
    authority: url,
    client_id: clientId,
    redirect_uri: location.origin,
    scope: "openid offline_access",
    userStore: new WebStorageStateStore({ store: localStorage }),
    ...others,
  });
}
