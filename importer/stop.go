package importer

// A Stop says why a lane or a run ended before its last row. Stops are errors,
// so that one can be the cause of a cancelled context.
type Stop string

// The stops, as the summary names them.
const (
	StopNone        Stop = ""
	StopSignal      Stop = "signal"
	StopMaxDuration Stop = "max_duration"
	StopWindow      Stop = "window" // outside the hours in which sending is allowed
	StopDailyQuota  Stop = "daily_quota"
	StopOutage      Stop = "outage"
	StopDatabase    Stop = "database"
	StopCredentials Stop = "credentials"
	StopAlike       Stop = "alike"
	StopBusy        Stop = "busy"
	StopBroken      Stop = "error" // the run could not go on
)

// Error names the stop.
func (s Stop) Error() string { return "stopped: " + string(s) }

// Exit is the exit code that tells a stop: see the command-line contract.
func (s Stop) Exit() int {
	switch s {
	case StopNone:
		return 0
	case StopBroken:
		return 1
	case StopCredentials:
		return 5
	case StopBusy:
		return 6
	case StopAlike:
		return 3
	default:
		return 4
	}
}

// exitRank orders exit codes by which one wins where several apply.
var exitRank = map[int]int{1: 6, 5: 5, 6: 4, 4: 3, 3: 2, 0: 0}

// WorseExit returns the exit code that a caller has to be told of two.
func WorseExit(a, b int) int {
	if exitRank[b] > exitRank[a] {
		return b
	}
	return a
}
