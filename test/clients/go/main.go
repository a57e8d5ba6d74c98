// Sends the batches of a script with go-mssqldb and prints what each of them answers.
package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/golang-sql/sqlexp"
	mssql "github.com/microsoft/go-mssqldb"
)

type answer struct {
	Text  string     `json:"text"`
	Types [][]string `json:"types"`
}

func main() {
	var batches []string
	must(json.NewDecoder(os.Stdin).Decode(&batches))
	db, err := sql.Open("sqlserver", os.Getenv("SCRIPT_URL"))
	must(err)
	conn, err := db.Conn(context.Background())
	must(err)
	answers := make([]answer, len(batches))
	for i, batch := range batches {
		answers[i] = run(conn, batch)
	}
	info, _ := debug.ReadBuildInfo()
	version := ""
	for _, dep := range info.Deps {
		if strings.HasSuffix(dep.Path, "go-mssqldb") {
			version = dep.Path + " " + dep.Version
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"client": version, "answers": answers}))
}

func run(conn *sql.Conn, batch string) answer {
	ctx := context.Background()
	messages := &sqlexp.ReturnMessage{}
	rows, err := conn.QueryContext(ctx, batch, messages)
	parts := []string{}
	seen := answer{Types: [][]string{}}
	if err != nil {
		seen.Text = "?" + err.Error()
		return seen
	}
	defer rows.Close()
	for active := true; active; {
		switch m := messages.Message(ctx).(type) {
		case sqlexp.MsgError:
			if e, ok := m.Error.(mssql.Error); ok {
				parts = append(parts, fmt.Sprintf("!%d", e.Number))
			} else {
				parts = append(parts, "?"+m.Error.Error())
			}
		case sqlexp.MsgNextResultSet:
			active = rows.NextResultSet()
		case sqlexp.MsgNext:
			if columns, _ := rows.Columns(); len(columns) > 0 {
				text, types := result(rows)
				parts = append(parts, text)
				seen.Types = append(seen.Types, types)
			}
		}
	}
	seen.Text = strings.Join(parts, " ")
	return seen
}

func result(rows *sql.Rows) (string, []string) {
	columns, err := rows.ColumnTypes()
	must(err)
	types := make([]string, len(columns))
	for i, column := range columns {
		types[i] = strings.ToLower(column.DatabaseTypeName())
	}
	lines := []string{}
	for rows.Next() {
		values := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		must(rows.Scan(places...))
		cells := make([]string, len(columns))
		for i, value := range values {
			cells[i] = canonical(value, types[i])
		}
		lines = append(lines, strings.Join(cells, ","))
	}
	return "(" + strings.Join(lines, " / ") + ")", types
}

func canonical(value any, kind string) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000Z")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []byte:
		switch kind {
		case "decimal", "numeric", "money", "smallmoney":
			number, err := strconv.ParseFloat(string(v), 64)
			must(err)
			return strconv.FormatFloat(number, 'f', -1, 64)
		case "uniqueidentifier":
			var id mssql.UniqueIdentifier
			must(id.Scan(v))
			return id.String()
		}
		return "0x" + strings.ToUpper(hex.EncodeToString(v))
	default:
		return fmt.Sprint(v)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
