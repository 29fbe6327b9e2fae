// `container:` and `services:`, as an image alone, as a mapping, or as one expression that makes either.
import { asMap, readEnv, readFields, readSoleTemplate, readTemplate, wrongType } from './fields.ts';
import type { Container, Job, Template } from './model.ts';
import { lenient, report, type Reading, type Site } from './reading.ts';
import { INSERT } from './template-text.ts';
import type { YamlNode } from './yaml-node.ts';

export function readContainer(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): Container | undefined {
  if (node.kind === 'scalar') {
    // `container:` with nothing behind it is no container; a service must be one.
    const read = site.place === 'service' || node.value !== null ? readImage : readTemplate;
    const image = read(reading, node, { what, site });
    return image && { at: node.at, image, env: {}, ports: [], volumes: [] };
  }
  const fields = readFields(reading, node, site.place === 'service' ? 'service' : 'container');
  if (fields === undefined) return undefined;
  const imageEntry = fields.get('image');
  if (!imageEntry) report(reading, { code: 'WF013', at: node.at, message: `${what} needs the key "image"` });
  const image = imageEntry && readImage(reading, imageEntry.value, { what: '"image"', site });
  const list = (key: 'ports' | 'volumes'): readonly Template[] => {
    const entry = fields.get(key);
    return entry ? readTemplateList(reading, entry.value, { what: `"${key}"`, site }) : [];
  };
  const envEntry = fields.get('env');
  const env = envEntry && readEnv(reading, envEntry.value, { what: '"env"', site: { ...site, place: 'containerEnv' } });
  const ports = list('ports');
  const volumes = list('volumes');
  const text = (key: 'options' | 'entrypoint' | 'command'): Template | undefined => {
    const entry = fields.get(key);
    return entry && readTemplate(reading, entry.value, { what: `"${key}"`, site });
  };
  const options = text('options');
  const isService = site.place === 'service';
  const [entrypoint, command] = isService ? [text('entrypoint'), text('command')] : [];
  const credentialsEntry = fields.get('credentials');
  const credentials = credentialsEntry && readCredentials(reading, credentialsEntry.value, site);
  return (
    image && {
      at: node.at,
      image,
      env: env ?? {},
      ports,
      volumes,
      ...(options?.value && { options }),
      ...(entrypoint?.value && { entrypoint }),
      ...(command?.value && { command }),
      ...(credentials && { credentials }),
    }
  );
}

/** Nothing is no image. An empty text says that the job has no container, which a service cannot say. */
function readImage(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): Template | undefined {
  const image = readTemplate(reading, node, { what, site });
  const isNothing = node.kind === 'scalar' && node.value === null;
  const name = image?.value.trim().replace(/^docker:\/\//, '');
  const isEmpty = name === '' && (site.place === 'service' || image?.value.trim() !== '');
  if (!isNothing && !isEmpty) return image;
  wrongType(reading, node, { what, wanted: 'the name of an image' });
  return undefined;
}

export function readServices(reading: Reading, node: YamlNode, site: Site): Job['services'] {
  const whole = readSoleTemplate(reading, node, site);
  if (whole) return { [INSERT]: { at: node.at, image: whole, env: {}, ports: [], volumes: [] } };
  const services = (asMap(reading, node, '"services"')?.entries ?? []).flatMap(
    ({ key, value }): [string, Container][] => {
      const service = readContainer(reading, value, { what: `the service "${key}"`, site });
      return service ? [[key, service]] : [];
    },
  );
  return Object.fromEntries(services);
}

function readTemplateList(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): readonly Template[] {
  if (node.kind !== 'list') {
    wrongType(reading, node, { what, wanted: 'a list' });
    return [];
  }
  return node.items.flatMap((item) => readTemplate(reading, item, { what: `an entry of ${what}`, site }) ?? []);
}

function readCredentials(reading: Reading, node: YamlNode, site: Site): Container['credentials'] | undefined {
  const whole = readSoleTemplate(reading, node, { ...site, place: 'containerCredentials' });
  if (whole) return { [INSERT]: whole };
  const fields = readFields(reading, node, 'credentials');
  const read = (key: string): Template | undefined => {
    const entry = fields?.get(key);
    const place = 'containerCredentials';
    return entry && readTemplate(reading, entry.value, { what: `"${key}"`, site: { ...site, place } });
  };
  const username = read('username');
  const password = read('password');
  if (username && password) return { username, password };
  const message = '"credentials" needs "username" and "password"';
  if (fields) report(reading, { code: 'WF013', severity: lenient(reading), at: node.at, message });
  return undefined;
}
