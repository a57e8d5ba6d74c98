import org.flywaydb.core.Flyway;

/** Applies a folder of SQL files in one transaction. Arguments: JDBC URL, user, folder; the password is in PGPASSWORD. */
public final class GroupedMigrate {
  public static void main(String[] arguments) {
    Flyway.configure()
        .dataSource(arguments[0], arguments[1], System.getenv("PGPASSWORD"))
        .locations("filesystem:" + arguments[2])
        .placeholderReplacement(false)
        .group(true)
        .load()
        .migrate();
  }
}
