package config

// closest gives the known word that a mistyped one most likely meant, "" when none is near:
// at most one edit in three letters, so that "cooldwn" finds cooldown and "x" finds nothing.
func closest(word string, known []string) string {
	best, least := "", len([]rune(word))/3+1
	for _, k := range known {
		if d := edits(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// edits is the optimal string alignment distance: insert, drop, replace, swap neighbours.
// "unti" for "unit" is one edit, as a person would count.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			d[i][j] = step(d, x, y, i, j)
		}
	}
	return d[len(x)][len(y)]
}

func step(d [][]int, x, y []rune, i, j int) int {
	cost := 1
	if x[i-1] == y[j-1] {
		cost = 0
	}
	n := min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
	if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
		n = min(n, d[i-2][j-2]+1)
	}
	return n
}
