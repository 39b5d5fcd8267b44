-- What wrk does not print by itself: the time within which 95 of 100 requests were answered.
function done(summary, latency, requests)
  io.write(string.format("p95 %.3f ms\n", latency:percentile(95) / 1000))
end
