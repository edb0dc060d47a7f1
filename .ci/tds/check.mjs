// Logs in with tedious, the driver of Node.js, and runs a batch, a statement with parameters and an error.
import assert from 'node:assert/strict';
import { Connection, Request, TYPES } from 'tedious';

const [port, form] = process.argv.slice(2);

const connection = new Connection({
  server: '127.0.0.1',
  authentication: { type: 'default', options: { userName: 'worker', password: 'secret' } },
  options: { port: Number(port), encrypt: form === 'tls', trustServerCertificate: true, database: 'ods' },
});

await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));

function run(sql, parameters = [], batch = false) {
  return new Promise((resolve, reject) => {
    const rows = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
    parameters.forEach(([name, type, value]) => request.addParameter(name, type, value));
    request.on('row', (columns) => rows.push(columns.map((column) => column.value)));
    if (batch) {
      connection.execSqlBatch(request);
    } else {
      connection.execSql(request);
    }
  });
}

assert.deepEqual(await run('SELECT greeting', [], true), [['Grand Bend ☃']]);
assert.deepEqual(await run('SELECT parameters', [['text', TYPES.NVarChar, 'it\'s ☃'], ['number', TYPES.Int, 7]]), [
  ['[it\'s ☃, 7]'],
]);
await assert.rejects(run('FAIL', [], true), (error) => error.number === 1801);
assert.deepEqual(await run('SELECT greeting', [], true), [['Grand Bend ☃']]);
connection.close();
console.log(`tedious, ${form}: it reads rows, sends parameters and reads an error`);
