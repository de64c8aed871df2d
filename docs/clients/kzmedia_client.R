# Reads a KZMedia site's interface for programs. R 4.0 or newer with jsonlite; copy it and change what you like.
#
#     Rscript kzmedia_client.R https://kzmedia.example snapshots actor=abenov from=2017 fields=day,followers

patience <- 5 # how often a page is asked for while the site says "later"

# Return the answer of an address as a list. Where the site asks to come back later it is asked again after a minute;
# any other refusal stops with its status.
get <- function(address) {
  for (time in seq_len(patience)) {
    refusal <- NULL
    lines <- tryCatch({
      page <- url(address, headers = c(Accept = "application/json"), encoding = "UTF-8")
      on.exit(try(close(page), silent = TRUE), add = TRUE)
      readLines(page, warn = FALSE)
    }, warning = function(told) {
      refusal <<- conditionMessage(told)
      NULL
    })
    if (is.null(refusal)) {
      return(jsonlite::fromJSON(paste(lines, collapse = "\n"), flatten = TRUE))
    }
    if (!grepl("status was '(429|503)", refusal)) stop(refusal, call. = FALSE)
    Sys.sleep(60)
  }
  stop("The site has asked to come back later, again and again: ", address, call. = FALSE)
}

# Return all rows of a table as a data frame, page after page. `filters` is a list: list(actor = "abenov", from = 2017);
# a name may stand twice. What stands within a row is a column with a point in its name, now.followers.
rows <- function(site, table, filters = list()) {
  sent <- vapply(filters, function(one) utils::URLencode(as.character(one), reserved = TRUE), "")
  address <- paste0(site, "/api/v1/", table, "/?", paste(names(filters), sent, sep = "=", collapse = "&"))
  pages <- list()
  while (!is.null(address)) {
    page <- get(address)
    if (length(page$results)) pages[[length(pages) + 1]] <- page$results
    address <- page[["next"]]
  }
  columns <- unique(unlist(lapply(pages, names)))
  whole <- lapply(pages, function(page) {
    page[setdiff(columns, names(page))] <- NA
    page[columns]
  })
  if (length(whole)) do.call(rbind, whole) else data.frame()
}

asked <- commandArgs(trailingOnly = TRUE)
if (length(asked) >= 2) {
  words <- strsplit(asked[-(1:2)], "=", fixed = TRUE)
  filters <- lapply(words, function(word) paste(word[-1], collapse = "="))
  names(filters) <- vapply(words, `[`, "", 1)
  found <- rows(asked[1], asked[2], filters)
  found[] <- lapply(found, function(one) if (is.list(one)) vapply(one, paste, "", collapse = " ") else one)
  utils::write.csv(found, row.names = FALSE, na = "")
}
