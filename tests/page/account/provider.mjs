// A provider of accounts: the certified `oidc-provider`, with a sign-in of two buttons. Its settings come as JSON in the first
// argument; it says on standard output, in one line of JSON, which keys it has published.
//
// usage: node provider.mjs '{"port": 8443, "certificate": …, "key": …, "alg": "ES256", "kid": "k1", "redirect": …, "par": false}'

import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Nobody reads more than one line of its standard output.
for (const kind of ["info", "warn", "log"]) console[kind] = console.error;

const settings = JSON.parse(process.argv[2]);
// The module is where npm has put it, and not beside this file.
const require = createRequire(`${settings.modules}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const issuer = `https://localhost:${settings.port}`;
const kinds = {
  RS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};
const [kind, options] = kinds[settings.alg];
const jwk = generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" });
const keys = [{ ...jwk, kid: settings.kid, use: "sig", alg: settings.alg === "EdDSA" ? "Ed25519" : settings.alg }];

const head = '<!doctype html><meta charset="utf-8"><title>Provider</title>';

const provider = new Provider(issuer, {
  jwks: { keys },
  clients: [{
    client_id: "antiphon",
    redirect_uris: [settings.redirect],
    response_types: ["code"],
    grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
    id_token_signed_response_alg: settings.alg === "EdDSA" ? "Ed25519" : settings.alg,
    ...(settings.secret
      ? { token_endpoint_auth_method: "client_secret_basic", client_secret: settings.secret }
      : { token_endpoint_auth_method: "none" }),
  }],
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256", "Ed25519", "EdDSA"] },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    // Its own pages fetch fonts.
    deviceFlow: {
      enabled: true,
      userCodeConfirmSource: (ctx, form) => { ctx.body = `${head}${form}<button form="op.deviceConfirmForm">Continue</button>`; },
      successSource: (ctx) => { ctx.body = `${head}<h1 id="done">The device may go on</h1>`; },
    },
    pushedAuthorizationRequests: { enabled: settings.par === true },
  },
  // From a page of its own, of the test of device codes.
  clientBasedCORS: (_, origin) => origin === issuer,
  acrValues: ["strong", "weak"],
  claims: { openid: ["sub"], acr: null, amr: null, auth_time: null, sid: null, iss: null },
  cookies: { keys: ["only for this test"] },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  // Nobody is asked for consent: it is the organisation's own client.
  async loadExistingGrant({ oidc }) {
    const { clientId } = oidc.client;
    const known = oidc.session.grantIdFor(clientId);
    if (known) return oidc.provider.Grant.find(known);
    const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});

const html = (uid) => `${head}<h1>Sign in at the provider</h1>
<form method="post" action="/interaction/${uid}/login">
<input name="account" id="account"><button name="go" id="go">Sign in</button></form>
<form method="post" action="/interaction/${uid}/abort"><button id="cancel">Cancel</button></form>`;

async function body(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return new URLSearchParams(text);
}

async function interact(request, response, uid, action) {
  const { params } = await provider.interactionDetails(request, response);
  const finish = (result) => provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  if (!action) {
    response.setHeader("Content-Type", "text/html");
    return response.end(html(uid));
  }
  if (action === "abort") return finish({ error: "access_denied", error_description: "call 555 at once" });
  const name = (await body(request)).get("account");
  // "old:NAME" has signed in an hour ago.
  const isOld = name.startsWith("old:");
  const accountId = isOld ? name.slice(4) : name;
  const ts = Math.floor(Date.now() / 1000) - (isOld ? 3600 : 0);
  // As strong as was asked for, as providers do it.
  const acr = params.acr_values === "strong" ? "strong" : "weak";
  return finish({ login: { accountId, acr, ts } });
}

const answer = provider.callback();
const certificates = { cert: readFileSync(settings.certificate), key: readFileSync(settings.key) };
createServer(certificates, (request, response) => {
  // Or the console complains.
  if (request.url === "/favicon.ico") return response.writeHead(204).end();
  const [, uid, , action] = /^\/interaction\/([^/]+)(\/(login|abort))?$/.exec(new URL(request.url, issuer).pathname) ?? [];
  if (!uid) return answer(request, response);
  interact(request, response, uid, action).catch((error) => {
    response.statusCode = 400;
    response.end(String(error));
  });
}).listen(settings.port, "127.0.0.1", () => {
  const shown = keys.map(({ d, p, q, dp, dq, qi, ...shown }) => shown);
  process.stdout.write(`${JSON.stringify({ keys: shown })}\n`);
});
