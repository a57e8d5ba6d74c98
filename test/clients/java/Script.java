import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Sends the batches of a script with Microsoft's JDBC driver and prints what each of them answers. */
public final class Script {
  public static void main(String[] args) throws Exception {
    String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    StringBuilder out = new StringBuilder();
    try (Connection connection = DriverManager.getConnection(System.getenv("SCRIPT_JDBC_URL"))) {
      out.append("{\"client\":").append(quoted("mssql-jdbc " + connection.getMetaData().getDriverVersion()));
      out.append(",\"answers\":[");
      boolean first = true;
      // Batches are separated by a character that none of them has.
      for (String batch : input.split("\u0001")) {
        out.append(first ? "" : ",").append(run(connection, batch));
        first = false;
      }
    }
    System.out.write(out.append("]}").toString().getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  private static String run(Connection connection, String batch) throws SQLException {
    List<String> parts = new ArrayList<>();
    List<String> types = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      boolean isResult = false;
      boolean more = true;
      for (boolean started = false; more; started = true) {
        try {
          isResult = started ? statement.getMoreResults() : statement.execute(batch);
          if (isResult) parts.add(result(statement.getResultSet(), types, parts));
          else more = statement.getUpdateCount() != -1;
        } catch (SQLException error) {
          parts.add("!" + error.getErrorCode());
          if (error.getErrorCode() == 0) more = false;
        }
      }
    }
    return "{\"text\":" + quoted(String.join(" ", parts)) + ",\"types\":[" + String.join(",", types) + "]}";
  }

  private static String result(ResultSet rows, List<String> types, List<String> parts) throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) names.add(quoted(columns.getColumnTypeName(i).toLowerCase()));
    types.add("[" + String.join(",", names) + "]");
    List<String> lines = new ArrayList<>();
    try {
      while (rows.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= names.size(); i++) cells.add(canonical(rows, i));
        lines.add(String.join(",", cells));
      }
    } catch (SQLException error) {
      parts.add("(" + String.join(" / ", lines) + ")");
      return "!" + error.getErrorCode();
    }
    return "(" + String.join(" / ", lines) + ")";
  }

  private static String canonical(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    if (value == null) return "NULL";
    if (value instanceof Boolean bit) return bit ? "1" : "0";
    if (value instanceof byte[] bytes) return "0x" + HexFormat.of().withUpperCase().formatHex(bytes);
    if (value instanceof java.sql.Date date) return date.toLocalDate() + "T00:00:00.000Z";
    if (value instanceof BigDecimal number) return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    if (value instanceof Double || value instanceof Float)
      return new BigDecimal(value.toString()).stripTrailingZeros().toPlainString();
    return value.toString();
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 32) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    return out.append('"').toString();
  }
}
