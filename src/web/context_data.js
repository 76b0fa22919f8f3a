/**
 * What Amazon's script for Cognito's threat protection says of the device, where the page has loaded it. A script that
 * fails is no reason for a sign-in to.
 *
 * @param {string} username
 * @param {string} poolId
 * @param {string} clientId
 * @returns {string | undefined}
 */
export function contextData(username, poolId, clientId) {
  try {
    const data = /** @type {any} */ (globalThis).AmazonCognitoAdvancedSecurityData.getData(username, poolId, clientId);
    return typeof data === "string" && data ? data : undefined;
  } catch {
    return undefined;
  }
}
