// The emulator's control interface, used by the mailbox and the playground. A page over a real pool has none of it.

/** The emulator that serves this page, or `undefined` when something else does. */
export async function findEmulator() {
  try {
    const { status } = await json("/_emulator/health");
    return status === "ok" ? emulator : undefined;
  } catch {
    return undefined;
  }
}

const emulator = {
  outbox: async () => (await json("/_emulator/outbox")).messages,
  now: async () => (await json("/_emulator/clock")).now,
  advance: async (advanceSeconds) => (await json("/_emulator/clock", post({ advanceSeconds }))).now,
  faults: async () => (await json("/_emulator/faults")).rules,
  breakCall: (rule) => json("/_emulator/faults", post(rule)),
  mend: () => json("/_emulator/faults", { method: "DELETE" }),

  /** What the user's authenticator app shows, or `undefined` where there is none. */
  async totp(username) {
    const response = await fetch(`/_emulator/totp?username=${encodeURIComponent(username)}`);
    return response.ok ? response.json() : undefined;
  },

  /** The pool of this page, as DescribeUserPool shows it. */
  async pool() {
    const [id, { pools }] = await Promise.all([poolId(), json("/_emulator/pools")]);
    return pools.find((pool) => pool.Id === id);
  },
  setPool: async (settings) => json(`/_emulator/pools/${await poolId()}`, post(settings)),

  /** What an administrator does with the AWS CLI; the emulator asks for no signature. */
  async inviteUser({ username, email }) {
    return json("/", {
      ...post({
        UserPoolId: await poolId(),
        Username: username,
        DesiredDeliveryMediums: ["EMAIL"], // Cognito's default is a text message
        UserAttributes: [
          { Name: "email", Value: email },
          { Name: "email_verified", Value: "true" },
        ],
      }),
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSCognitoIdentityProviderService.AdminCreateUser",
      },
    });
  },
};

const poolId = async () => (await json("awsconfiguration.json")).CognitoUserPool.Default.PoolId;

const post = (body) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function json(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  const body = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(body.error ?? body.message ?? `${url} answered ${response.status}`);
  return body;
}
