// `github.actions.results.api.v1.ArtifactService`, by which `@actions/artifact` uploads, lists, downloads and removes.
import { z } from 'zod';
import { nameProblem } from '#stores/artifacts/artifact-name.ts';
import { isReplacedBy } from '#stores/artifacts/artifact-turn.ts';
import type { Artifact, StepTry } from '#stores/artifacts/artifacts.ts';
import { invalid, Refusal } from './refusal.ts';
import type { ServiceSetting } from './service-setting.ts';
import type { Upload } from './uploads.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_DAYS = 90;

const Ids = { workflow_run_backend_id: z.string(), workflow_job_run_backend_id: z.string() };
const Create = z.object({
  ...Ids,
  name: z.string(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
  mime_type: z.string().optional(),
});
const Finalize = z.object({
  ...Ids,
  name: z.string(),
  size: z.coerce.number().optional(),
  hash: z.string().optional(),
});
const List = z.object({ ...Ids, name_filter: z.string().optional(), id_filter: z.string().optional() });
const Named = z.object({ ...Ids, name: z.string() });

interface Pending {
  readonly upload: Upload;
  readonly isArchive: boolean;
  readonly retentionMs: number;
}

type Method = (body: unknown, stepTry: StepTry | undefined) => Promise<object>;

export function artifactService(setting: ServiceSetting): Readonly<Record<string, Method>> {
  const service = new ArtifactService(setting);
  return {
    CreateArtifact: async (body, stepTry) => service.create(body, stepTry),
    FinalizeArtifact: async (body, stepTry) => service.finalize(body, stepTry),
    ListArtifacts: async (body) => service.list(body),
    GetSignedArtifactURL: async (body) => service.address(body),
    DeleteArtifact: async (body) => service.remove(body),
  };
}

class ArtifactService {
  readonly #setting: ServiceSetting;
  /** By name. */
  readonly #pending = new Map<string, Pending>();

  constructor(setting: ServiceSetting) {
    this.#setting = setting;
  }

  async create(body: unknown, stepTry: StepTry | undefined): Promise<object> {
    const { artifacts, artifactUploads, order, nowMs } = this.#setting;
    const { name, expires_at: expiresAt, mime_type: type } = this.#parse(Create, body);
    const bad = nameProblem(name);
    if (bad !== undefined) throw invalid(bad);
    const earlier = await artifacts.get(order.runId, name);
    if (earlier && !isReplacedBy(earlier, { ...order, ...(stepTry ? { stepTry } : {}) })) throw taken(name);
    const before = this.#pending.get(name);
    if (before) await artifactUploads.drop(before.upload);
    const upload = await artifactUploads.begin();
    const asked = expiresAt === undefined ? MOST_DAYS * DAY_MS : Date.parse(expiresAt) - nowMs();
    this.#pending.set(name, {
      upload,
      isArchive: type === undefined || type === 'application/zip',
      retentionMs: Math.max(0, Math.min(asked, MOST_DAYS * DAY_MS)),
    });
    return { ok: true, signed_upload_url: this.#setting.uploadUrl('artifacts', upload) };
  }

  async finalize(body: unknown, stepTry: StepTry | undefined): Promise<object> {
    const { artifacts, artifactUploads, order } = this.#setting;
    const { name, hash, size } = this.#parse(Finalize, body);
    const begun = this.#pending.get(name);
    if (!begun?.upload.isComplete) throw new Refusal(404, 'not_found', `nothing was uploaded for the artifact ${name}`);
    const { upload, isArchive, retentionMs } = begun;
    this.#pending.delete(name);
    try {
      const { runId, jobId, attempt } = order;
      const by = stepTry ? { stepTry } : {};
      const draft = { runId, jobId, attempt, ...by, name, retentionMs, overwrite: false };
      const saved = await artifacts.save(draft, { form: isArchive ? 'zip' : 'file', file: upload.file });
      if (!saved.ok) throw taken(name);
      const { id, digest, bytes } = saved.value;
      if ((hash !== undefined && hash !== `sha256:${digest}`) || (size !== undefined && size > 0 && size !== bytes)) {
        await artifacts.remove(runId, name);
        throw invalid(`the artifact ${name} did not come in as it was sent`);
      }
      return { ok: true, artifact_id: String(id) };
    } finally {
      await artifactUploads.drop(upload);
    }
  }

  async list(body: unknown): Promise<object> {
    const { name_filter: name, id_filter: id } = this.#parse(List, body);
    const all = await this.#setting.artifacts.list(this.#setting.order.runId);
    const asked = all.filter(
      (each) => (name === undefined || each.name === name) && (id === undefined || String(each.id) === id),
    );
    return { artifacts: asked.map((artifact) => listed(artifact, this.#setting)) };
  }

  async address(body: unknown): Promise<object> {
    const { artifacts, downloads } = this.#setting;
    const artifact = await this.#existing(body);
    const isFile = artifact.form === 'file';
    const url = downloads.offer({
      contentType: isFile ? 'application/octet-stream' : 'application/zip',
      fileName: isFile ? artifact.name : `${artifact.name}.zip`,
      open: async () => artifacts.body(artifact),
    });
    return { signed_url: url };
  }

  async remove(body: unknown): Promise<object> {
    const { id, name, runId } = await this.#existing(body);
    await this.#setting.artifacts.remove(runId, name);
    return { ok: true, artifact_id: String(id) };
  }

  async #existing(body: unknown): Promise<Artifact> {
    const { name } = this.#parse(Named, body);
    const found = await this.#setting.artifacts.get(this.#setting.order.runId, name);
    if (!found) throw new Refusal(404, 'not_found', `there is no artifact ${name}`);
    return found;
  }

  #parse<T extends { readonly workflow_run_backend_id: string }>(schema: z.ZodType<T>, body: unknown): T {
    const read = schema.safeParse(body);
    if (!read.success) throw invalid(z.prettifyError(read.error));
    if (read.data.workflow_run_backend_id !== this.#setting.runName)
      throw new Refusal(403, 'permission_denied', 'the token is for another run');
    return read.data;
  }
}

function taken(name: string): Refusal {
  return new Refusal(409, 'already_exists', `an artifact with this name already exists on the workflow run: ${name}`);
}

function listed(artifact: Artifact, { runName, jobName }: ServiceSetting): object {
  const { id, name, bytes, createdAtMs, digest, form, jobId } = artifact;
  return {
    workflow_run_backend_id: runName,
    workflow_job_run_backend_id: jobName(jobId),
    database_id: String(id),
    name,
    size: String(bytes),
    created_at: new Date(createdAtMs).toISOString(),
    // Of a tree there is none that the client could compare with what it is sent.
    ...(form === 'tree' ? {} : { digest: `sha256:${digest}` }),
  };
}
