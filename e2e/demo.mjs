// Builds small images of the kind that people keep in a registry, and pushes them to the server at argv[2]
// with the token in SREGISTRY_DEMO_TOKEN.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from './lib/apptainer.mjs';

const [url] = process.argv.slice(2);
const token = process.env.SREGISTRY_DEMO_TOKEN;
delete process.env.SREGISTRY_DEMO_TOKEN;

// collection: what it is for, whether it is private, and its containers with their versions and size in KB
const COLLECTIONS = {
  climate: {
    description: 'Models and tools of the climate group',
    containers: {
      'ocean-model': [['1.0', '1.1', '2.0'], 900, 'Regional ocean circulation model'],
      'ensemble-stats': [['0.9', '1.0'], 240, 'Statistics over ensemble members'],
      'grid-remap': [['3.2'], 120, 'Conservative remapping between grids'],
      'netcdf-tools': [['4.9', '5.0'], 400, 'Inspect, slice and merge NetCDF files'],
    },
  },
  genomics: {
    description: 'Read alignment, variant calling and quality control',
    containers: {
      aligner: [['0.7.17', '0.7.18'], 700, 'Short-read alignment'],
      'variant-caller': [['4.5', '4.6'], 1500, 'Germline and somatic variant calling'],
      'read-qc': [['0.12'], 200, 'Quality reports for sequencing runs'],
      assembler: [['2.1', '2.2', '2.3'], 1100, 'De novo assembly of small genomes'],
    },
  },
  'machine-learning': {
    description: 'Training and inference environments with pinned versions',
    containers: {
      'train-cpu': [['2025.1', '2025.2'], 2400, 'Training environment without accelerators'],
      notebook: [['7.2'], 1800, 'Notebook server for courses'],
      'model-server': [['1.4', '1.5'], 1300, 'Serves a trained model over HTTP'],
    },
  },
  chemistry: {
    description: 'Molecular dynamics and quantum chemistry',
    containers: {
      dynamics: [['2024.4', '2025.0'], 1600, 'Molecular dynamics engine'],
      'basis-sets': [['1.0'], 90, 'Basis set library'],
      docking: [['1.2'], 300, 'Protein-ligand docking'],
    },
  },
  teaching: {
    description: 'Images for the programming courses',
    containers: {
      'hello-hpc': [['1', '2'], 40, 'First steps on the cluster'],
      'mpi-basics': [['2025'], 150, 'Exercises for message passing'],
      'git-course': [['2025'], 60, 'A shell with everything for the Git course'],
    },
  },
  'survey-data': {
    description: 'Pipelines over data that must stay in the house',
    private: true,
    containers: {
      anonymise: [['0.3'], 80, 'Removes direct identifiers'],
      'weekly-report': [['41', '42'], 130, 'Builds the weekly report'],
    },
  },
};

const definition = (collection, name, version, text) => `Bootstrap: localimage
From: base

%labels
    Author The ${collection} group
    Version ${version}
    org.opencontainers.image.title ${name}

%environment
    export ${name.toUpperCase().replaceAll('-', '_')}_VERSION=${version}
    export LC_ALL=C

%help
    ${text}.
    Usage: apptainer run ${name}.sif [file...]

%runscript
    echo "${name} ${version}: $*"

%test
    ${name.includes('-') ? 'test -f' : 'ls'} /opt/${name}/data
`;

const cleanUps = [];
const after = (action) => cleanUps.push(action);

async function main() {
  const client = await Client.at(after, url, token);
  // Beside the recipes, so that their “From: base” finds it.
  const base = client.path('base');
  await cp(join(process.env.SREGISTRY_E2E_LAB, 'samples/base'), base, { recursive: true, verbatimSymlinks: true });
  let count = 0;
  for (const [collection, { description, private: hidden = false, containers }] of Object.entries(COLLECTIONS)) {
    await makeCollection({ name: collection, description, private: hidden });
    for (const [name, [versions, kilobytes, text]] of Object.entries(containers)) {
      for (const version of versions) {
        const file = await build(client, base, { collection, name, version, kilobytes, text });
        const tags = version === versions.at(-1) ? `${version},latest` : version;
        await client.push(file, `library://demo/${collection}/${name}:${tags}`, '-D', text);
        await rm(file);
        count += 1;
        console.log(`  ${collection}/${name}:${tags}`);
      }
    }
  }
  console.log(`${count} images are at ${url}`);
}

async function build(client, base, { collection, name, version, kilobytes, text }) {
  const root = join(base, 'opt', name);
  await mkdir(root, { recursive: true });
  execFileSync('sh', ['-c', `head -c ${kilobytes * 1000} /dev/urandom > '${join(root, 'data')}'`]);
  const recipe = client.path(`${name}.def`);
  await writeFile(recipe, definition(collection, name, version, text));
  const file = client.path(`${name}-${version}.sif`);
  await client.run('build', '--force', '--notest', file, recipe);
  await rm(root, { recursive: true });
  return file;
}

async function makeCollection(body) {
  const answer = await fetch(`${url}/api/v1/collections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  // 409: it is there from an earlier run.
  if (!answer.ok && answer.status !== 409) throw new Error(`${body.name}: ${answer.status} ${await answer.text()}`);
}

try {
  await main();
} finally {
  for (const action of cleanUps.reverse()) await action();
}
