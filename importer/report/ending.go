package report

import "relink/importer"

var stops = map[importer.Stop]string{
	importer.StopNone:        "finished",
	importer.StopSignal:      "stopped by a signal",
	importer.StopMaxDuration: "stopped: --max-duration has passed",
	importer.StopWindow:      "stopped: outside the hours in which sending is allowed",
	importer.StopDailyQuota:  "stopped: today's quota is used up",
	importer.StopOutage:      "stopped: the service was away for too long",
	importer.StopDatabase:    "stopped: the database was away for too long",
	importer.StopCredentials: "stopped: the credentials are missing or refused",
	importer.StopAlike:       "stopped: the first answers all failed alike",
	importer.StopBusy:        "not started: another run holds the location",
	importer.StopBroken:      "stopped by an error",
}

// briefly is the same for a column of a table.
var briefly = map[importer.Stop]string{
	importer.StopNone:        "finished",
	importer.StopSignal:      "signal",
	importer.StopMaxDuration: "time is up",
	importer.StopWindow:      "off hours",
	importer.StopDailyQuota:  "quota spent",
	importer.StopOutage:      "service away",
	importer.StopDatabase:    "no database",
	importer.StopCredentials: "bad token",
	importer.StopAlike:       "all alike",
	importer.StopBusy:        "another run",
	importer.StopBroken:      "error",
}

// Stopped says in words how a lane or a run ended.
func Stopped(stop importer.Stop) string {
	if words, ok := stops[stop]; ok {
		return words
	}
	return "stopped: " + Clean(string(stop))
}

var exits = map[int]string{
	0: "every row is in place",
	1: "could not go on",
	2: "wrong usage, or input that cannot be read",
	3: "finished, but some rows failed or were rejected",
	4: "stopped before the end, can go on",
	5: "credentials missing or refused",
	6: "another run holds the location",
}

// Exit says in words what an exit code means.
func Exit(code int) string {
	if words, ok := exits[code]; ok {
		return words
	}
	return "failed"
}
