/**
 * ffi-rs asks `process.report.getReport()` whether this is musl when it loads; the real report costs 8 to 20 ms.
 * Imported before ffi-rs, for its effect only. We support glibc alone, so the short answer is the true one.
 */
process.report.getReport = () => ({ header: { glibcVersionRuntime: 'glibc' } });
