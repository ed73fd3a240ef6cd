import http from 'node:http';
import https from 'node:https';
import { hostCertificates } from './certificates.ts';
import { proxyFor } from './proxy.ts';
import { tunnelAgent } from './tunnel.ts';

export interface AgentOptions {
  /** Whether certificates go unchecked (`--insecure-options=tls`). */
  readonly insecureTls: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One agent per origin, made when it is first needed, closed together. */
export interface Agents extends Disposable {
  agentFor(url: URL): http.Agent;
}

/** Connections for one client: kept alive, a few per host, through the proxy the environment names. */
export function openAgents(options: AgentOptions): Agents {
  const agents = new Map<string, http.Agent>();
  const agentFor = (url: URL) => {
    const known = agents.get(url.origin);
    if (known !== undefined) return known;
    const agent = makeAgent(url, options);
    agents.set(url.origin, agent);
    return agent;
  };
  return {
    agentFor,
    [Symbol.dispose]: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function makeAgent(url: URL, { insecureTls, env }: AgentOptions): http.Agent {
  const proxy = proxyFor(url, env);
  const pool = { keepAlive: true, maxSockets: 8 };
  const security = url.protocol === 'https:' ? tlsOptions(url, insecureTls, env) : {};
  if (proxy !== undefined) return tunnelAgent(proxy, { ...pool, ...security });
  return url.protocol === 'https:' ? new https.Agent({ ...pool, ...security }) : new http.Agent(pool);
}

function tlsOptions(url: URL, insecureTls: boolean, env: AgentOptions['env']): https.AgentOptions {
  const { ca, cert, key } = hostCertificates(url.host, env);
  const client = cert !== undefined && key !== undefined ? { cert, key } : {};
  return { ca: [...ca], ...client, rejectUnauthorized: !insecureTls, minVersion: 'TLSv1.2' };
}
