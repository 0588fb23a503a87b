// The programs that people use for such work today, started as their own documentation would.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../lib/server.mjs';
import { tempDir, until } from '../lib/wait.mjs';

async function start(after, program, args, url) {
  const process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  process.stderr.on('data', (bytes) => (log += bytes));
  after(async () => {
    const exit = once(process, 'exit');
    process.kill('SIGTERM');
    await exit;
  });
  await until(`${program} answers`, async () => {
    if (process.exitCode !== null) throw new Error(log);
    return (await fetch(url)).status < 500;
  });
  return { pid: process.pid, url };
}

/** nginx that serves `dir` with sendfile. */
export async function nginx(after, dir) {
  const own = await tempDir(after);
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${own}/${name};`);
  await writeFile(
    join(own, 'nginx.conf'),
    `daemon off; pid ${own}/pid; error_log ${own}/error.log; worker_processes 2;
user root;
events { worker_connections 512; }
http {
  access_log off; sendfile on; tcp_nopush on; ${temp.join(' ')}
  server { listen 127.0.0.1:${port}; root ${dir}; }
}`,
  );
  return start(after, '/usr/sbin/nginx', ['-c', join(own, 'nginx.conf')], `http://127.0.0.1:${port}`);
}

/** docker-registry with its files in a folder of its own. */
export async function dockerRegistry(after) {
  const own = await tempDir(after);
  const port = await freePort();
  await mkdir(join(own, 'data'));
  await writeFile(
    join(own, 'config.yml'),
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${own}/data }, delete: { enabled: true } }
http: { addr: 127.0.0.1:${port} }
`,
  );
  return start(after, 'docker-registry', ['serve', join(own, 'config.yml')], `http://127.0.0.1:${port}`);
}
