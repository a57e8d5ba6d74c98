locals {
  tables = ["Persons", "Orders", "Customers"]
}

task "mssql-to-asb" {
  type        = "providers"
  description = "each table's changes in a queue of its own"

  input {
    provider = "sqlserver"
    config {
      connection_string = "{{ env \"SQL_CONNECTION\" }}"
      tables            = local.tables
    }
  }

  output {
    provider = "servicebus"
    config {
      connection_string = "{{ env \"ASB_CONNECTION\" }}"
    }
  }
}

task "mssql-to-console" {
  type        = "providers"
  description = "the same changes on the terminal"

  input {
    provider = "sqlserver"
    config {
      connection_string = "{{ env \"SQL_CONNECTION\" }}"
      tables            = local.tables
    }
  }

  output {
    provider = "console"
  }
}
