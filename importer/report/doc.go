// Package report is what a person reads of relink: the plan before the first
// call, the bar and the log lines while it runs, the summary and the words for
// an error at the end. It decides nothing and asks nobody: callers hand it
// values, it returns texts or writes them.
//
// A [Screen] owns standard error. Whatever is to appear there while a run is
// going goes through it, so that a log line never tears the bar; on a terminal
// it shows a bar, elsewhere a log line every minute. [Plan], [Summary] and
// [Table] are texts for wherever the answer goes; a summary is JSON too, by the
// keys of the command-line contract.
//
// Three rules hold for every text:
//   - No colour. Control characters and escape sequences in what came from
//     outside (file names, ids, the service's words) are taken out by [Clean].
//   - Nothing drawn on a terminal is as wide as the terminal, and what is drawn
//     over again is plain ASCII: characters of doubtful width would wrap.
//   - Numbers for people have separators, numbers in JSON have none.
package report
