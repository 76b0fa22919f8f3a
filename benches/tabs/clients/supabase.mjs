import { AuthClient } from "@supabase/auth-js";

// This page is left at once: what it would renew by itself could be lost on the way.
export async function signIn({ url, email, password }) {
  const client = new AuthClient({ url, autoRefreshToken: false });
  const { error } = await client.signInWithPassword({ email, password });
  if (error) throw error;
}

export async function open({ url }) {
  let client;
  return {
    async token() {
      // Made when it is asked, for it renews an expired session as soon as it is made.
      client ??= new AuthClient({ url });
      const { data, error } = await client.getSession();
      if (error) throw error;
      return data.session?.access_token;
    },
  };
}
