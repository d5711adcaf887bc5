import http from 'k6/http';
import exec from 'k6/execution';

export const options = {
  discardResponseBodies: true,
  scenarios: {
    rows: { executor: 'shared-iterations', vus: Number(__ENV.IN_FLIGHT), iterations: Number(__ENV.ROWS), maxDuration: '5m' },
  },
};

const params = {
  headers: {
    Authorization: 'Bearer ' + __ENV.TOKEN,
    Version: '2021-07-28',
    Accept: 'application/json',
    'Content-Type': 'application/json',
  },
};

export default function () {
  const i = exec.scenario.iterationInTest;
  http.post(__ENV.URL, JSON.stringify({
    locationId: 'loc' + '0'.padStart(21, '0'),
    associationId: '6512a8f4c3b1d27e90f4ab17',
    firstRecordId: 'first' + String(i).padStart(19, '0'),
    secondRecordId: (i * 7919).toString(16).padStart(24, '0'),
  }), params);
}

export function handleSummary(data) {
  return { stdout: JSON.stringify({ rate: data.metrics.iterations.values.rate }) };
}
