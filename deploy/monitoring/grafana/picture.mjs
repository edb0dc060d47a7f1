#!/usr/bin/env node
// Draws the dashboard's panels as SVG, from the answers of a Prometheus to the dashboard's own queries. For docs/images/dashboard.png:
//
//   deploy/monitoring/grafana/picture.mjs http://localhost:9090 30 >dashboard.svg    # the last 30 minutes
//   rsvg-convert dashboard.svg >docs/images/dashboard.png                         # Debian's package librsvg2-bin
import { readFileSync } from 'node:fs'

const [prometheus, minutes] = process.argv.slice(2)
if (!(minutes > 0)) {
  console.error('Usage: picture PROMETHEUS MINUTES')
  process.exit(2)
}
const end = Math.floor(Date.now() / 1000)
const start = end - minutes * 60
const step = Math.max(5, Math.round((minutes * 60) / 200))

const [unitWidth, unitHeight, margin] = [50, 30, 6]
const colours = ['#56b4e9', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#0072b2', '#8a8a8a', '#b8a800']

async function series(target) {
  const query = target.expr.replaceAll('$__rate_interval', `${Math.max(60, step * 4)}s`).replaceAll(/"\$\w+"/g, '".*"')
  const answer = await (await fetch(`${prometheus}/api/v1/query_range`, { method: 'POST', body: new URLSearchParams({ query, start, end, step }) })).json()
  if (answer.status !== 'success') {
    throw new Error(`${target.expr}: ${answer.error}`)
  }
  return answer.data.result.map(({ metric, values }) => ({
    name: target.legendFormat.replaceAll(/{{(\w+)}}/g, (all, label) => metric[label] ?? ''),
    points: values.map(([time, value]) => [time, Number(value)]).filter(([, value]) => Number.isFinite(value)),
  }))
}

function shown(value, unit) {
  if (unit === 'percentunit') return `${Math.round(value * 100)} %`
  if (unit === 'bytes') return `${Math.round(value / 2 ** 20)} MiB`
  const short = Number(value.toPrecision(3))
  if (unit === 'ops') return `${short}/s`
  if (unit !== 's') return `${short}`
  return value >= 600 ? `${Math.round(value / 60)} min` : value < 1 && value > 0 ? `${Number((value * 1000).toPrecision(3))} ms` : `${short} s`
}

// Up, so that half of it is a short number too.
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value))
  return value === 0 ? 1 : [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((limit) => limit >= value * 0.999999)
}

const text = (x, y, content, attributes = '') => `<text x="${x}" y="${y}" ${attributes}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`

async function drawn(panel) {
  const { x, y, w, h } = panel.gridPos
  const [left, top, width, height] = [x * unitWidth + margin, y * unitHeight + margin, w * unitWidth - 2 * margin, h * unitHeight - 2 * margin]
  if (panel.type === 'row') {
    return text(left, top + 18, panel.title, 'font-size="16" font-weight="bold"')
  }
  const lines = (await Promise.all(panel.targets.map(series))).flat().filter((line) => line.points.length > 0)
  const unit = panel.fieldConfig.defaults.unit
  const most = panel.fieldConfig.defaults.max ?? rounded(Math.max(0, ...lines.flatMap((line) => line.points.map(([, value]) => value))))
  // The legend's rows, each as long as the panel is wide.
  const legend = [[]]
  for (const [i, { name }] of lines.entries()) {
    const used = legend.at(-1).reduce((sum, entry) => sum + entry.width, 0)
    const entry = { name, colour: colours[i % colours.length], width: name.length * 7 + 26 }
    used + entry.width > width - 20 && used > 0 ? legend.push([entry]) : legend.at(-1).push(entry)
  }
  const plot = { left: left + 62, right: left + width - 14, top: top + 34, bottom: top + height - 26 - 14 * legend.length }
  const atX = (time) => plot.left + ((time - start) / (end - start)) * (plot.right - plot.left)
  const atY = (value) => plot.bottom - (value / most) * (plot.bottom - plot.top)
  let svg = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#fff" stroke="#ccc" rx="3"/>`
  svg += text(left + 10, top + 20, panel.title, 'font-weight="bold"')
  for (const part of [0, 0.5, 1]) {
    svg += `<line x1="${plot.left}" x2="${plot.right}" y1="${atY(part * most)}" y2="${atY(part * most)}" stroke="#e5e5e5"/>`
    svg += lines.length ? text(plot.left - 5, atY(part * most) + 4, shown(part * most, unit), 'text-anchor="end" fill="#555"') : ''
    const time = start + part * (end - start)
    svg += text(atX(time), plot.bottom + 15, new Date(time * 1000).toISOString().slice(11, 16), `text-anchor="${['start', 'middle', 'end'][part * 2]}" fill="#555"`)
  }
  lines.forEach((line, i) => {
    // A gap in the data is a gap in the line.
    const path = line.points.map(([time, value], n) => `${n > 0 && time - line.points[n - 1][0] <= step ? 'L' : 'M'}${atX(time).toFixed(1)} ${atY(value).toFixed(1)}`)
    svg += `<path d="${path.join('')}" fill="none" stroke="${colours[i % colours.length]}" stroke-width="1.6" stroke-linecap="round"/>`
  })
  if (lines.length === 0) {
    svg += text((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2, 'No data', 'text-anchor="middle" fill="#777"')
  }
  legend.forEach((row, n) => {
    let at = left + 12
    for (const { name, colour, width: used } of row) {
      const below = plot.bottom + 32 + 14 * n
      svg += `<rect x="${at}" y="${below - 6}" width="12" height="3" fill="${colour}"/>` + text(at + 16, below, name, 'font-size="11"')
      at += used
    }
  })
  return svg
}

const dashboard = JSON.parse(readFileSync(new URL('instance-worker.json', import.meta.url)))
const panels = []
for (const panel of dashboard.panels) {
  panels.push(await drawn(panel))
}
const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * unitHeight
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * unitWidth} ${bottom}" width="${24 * unitWidth}" height="${bottom}" font-family="DejaVu Sans, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#f4f5f5"/>
${panels.join('\n')}
</svg>`)
