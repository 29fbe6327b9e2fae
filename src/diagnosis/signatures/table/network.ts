import type { Signature } from '../signature.ts';

export const network: readonly Signature[] = [
  {
    id: 'certificate-clock',
    layer: 'runner',
    pattern: /certificate is not yet valid/u,
    cause: 'a certificate is not valid yet by the clock of the runner',
    fix: 'set the clock of the runner',
    source: 'docs',
  },
  {
    id: 'dns',
    layer: 'network',
    pattern:
      /curl: \(6\) Could not resolve host: (\S+)|Could not resolve host: (\S+)|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (\S+)|unable to resolve host address [‘'](\S+)[’']|Could not resolve hostname (\S+)|Name or service not known/u,
    cause: 'the host $1 could not be resolved by name',
    fix: 'check the spelling, and the name service of the runner',
    source: 'run',
  },
  {
    id: 'http-404',
    isAmbiguous: true,
    layer: 'dependency',
    pattern:
      /curl: \(22\) The requested URL returned error: 404|ERROR 404: Not Found|HTTP error 404|404 Client Error: Not Found for url: (\S+)/u,
    cause: 'what the step downloads is no longer there: $1',
    fix: 'correct the address; pin a version that is kept',
    source: 'docs',
  },
  {
    id: 'proxy-auth',
    isAmbiguous: true,
    layer: 'configuration',
    pattern:
      /407 Proxy Authentication Required|Received HTTP code 40[37] from proxy|ProxyError|Cannot connect to proxy/u,
    cause: 'the proxy does not let the step through',
    fix: 'set HTTPS_PROXY with what the proxy asks for, or NO_PROXY for this host',
    source: 'docs',
  },
  {
    id: 'cloud-denied',
    isAmbiguous: true,
    layer: 'secrets',
    pattern:
      /\b(?:AccessDenied|UnauthorizedOperation|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|AuthorizationFailed)\b|PERMISSION_DENIED/u,
    rank: 'report',
    cause: 'the cloud does not let this identity do that',
    fix: 'check the role of the job, and that its token has not expired',
    source: 'docs',
  },
];
