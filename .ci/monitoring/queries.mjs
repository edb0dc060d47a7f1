#!/usr/bin/env node
// Asks a Prometheus each query of a dashboard: queries.mjs http://localhost:9090 dashboard.json
// Each must be answered with at least one number, and each rule of that Prometheus must be calculated without an error.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const [prometheus, file] = process.argv.slice(2)
const wrong = []

async function ask(path, parameters = {}) {
  const answer = await (await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`)).json()
  if (answer.status !== 'success') {
    throw new Error(answer.error)
  }
  return answer.data
}

// Some of the dashboard's queries need what the rules record.
async function calculatedRules() {
  for (let i = 0; i < 100; i++) {
    const rules = (await ask('rules')).groups.flatMap((group) => group.rules)
    if (rules.length > 0 && rules.every(({ health }) => health !== 'unknown')) {
      return rules
    }
    await sleep(200)
  }
  throw new Error('the rules were not calculated')
}

async function check(name, hasAnswer) {
  try {
    if (!(await hasAnswer())) {
      wrong.push(`${name}: no data`)
    }
  } catch (e) {
    wrong.push(`${name}: ${e.message}`)
  }
}

const rules = await calculatedRules()
for (const { name, lastError } of rules) {
  if (lastError) {
    wrong.push(`${name}: ${lastError}`)
  }
}

const dashboard = JSON.parse(readFileSync(file))
const targets = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))
for (const { title, expr } of targets) {
  const query = expr.replaceAll('$__rate_interval', '5m').replaceAll(/"\$\w+"/g, '".*"')
  await check(`${title}: ${query}`, async () => (await ask('query', { query })).result.some(({ value }) => Number.isFinite(Number(value[1]))))
}
const variables = dashboard.templating.list.filter(({ type }) => type === 'query')
for (const { query } of variables) {
  const [, metric, label] = query.match(/^label_values\((\w+), (\w+)\)$/)
  await check(query, async () => (await ask(`label/${label}/values`, { 'match[]': metric })).length > 0)
}

wrong.forEach((line) => console.error(line))
console.log(`Prometheus: ${rules.length} rules, ${targets.length} queries and ${variables.length} variables of the dashboard, ${wrong.length} wrong`)
process.exit(wrong.length === 0 ? 0 : 1)
