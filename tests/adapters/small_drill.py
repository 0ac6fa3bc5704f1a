"""A scenario as small as one can be."""

SOUND = """\
drill: 1
id: small
title: A small drill
length: 10m
start: {weekday: sat, utc: "03:02"}
state: {version: a1b2c3d, fault: true}
signals:
  errors: {base: 0.2, unit: "%", when: [{if: {fault: true}, ramp: {to: 19, over: 60s}}]}
alerts:
  - {if: {errors: {above: 7, for: 30s}}, labels: {alertname: Burn, severity: page}}
injects:
  - {id: i1, at: 1m, via: chat, from: support, text: hello}
commands:
  - {match: [fix], output: "done {version}", set: {fault: false}, emits: fixed}
asks:
  - {id: help, who: support, say: "yes"}
rules:
  - {upon: fixed, after: 5s, set: {version: older}}
measures:
  recovered: {signal: errors, below: 1, for: 10s}
solution: [ack, run fix]
"""
