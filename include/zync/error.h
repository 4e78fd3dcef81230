/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error.h
 * Status codes and the error record of the Zync library.
 *
 * Every function that can fail returns an enum zync_status (ZYNC_OK is 0) and, where it takes one, fills a
 * struct zync_err that the caller owns. A record needs no initialisation and no freeing; on success it is left untouched.
 */
#ifndef ZYNC_ERROR_H
#define ZYNC_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of failure it was. The kind decides the exit code of the program. */
enum zync_status {
	ZYNC_OK = 0,
	ZYNC_ERR_NOMEM,	      /**< memory could not be had */
	ZYNC_ERR_INVALID,     /**< an argument, an option or the configuration is wrong */
	ZYNC_ERR_NOT_FOUND,   /**< the named thing does not exist */
	ZYNC_ERR_CONFLICT,    /**< it exists already, or belongs to somebody else */
	ZYNC_ERR_IO,	      /**< the operating system refused (file, socket) */
	ZYNC_ERR_STORE,	      /**< the database of Zync failed */
	ZYNC_ERR_UNREACHABLE, /**< a server could not be reached or did not answer in time */
	ZYNC_ERR_AUTH,	      /**< a server refused the credentials or a permission */
	ZYNC_ERR_PROTOCOL,    /**< a server answered something that is not its protocol */
	ZYNC_ERR_REJECTED,    /**< a server understood the request and refused it */
	ZYNC_ERR_LIMIT,	      /**< a bound of the program was reached (size, depth, steps) */
	ZYNC_ERR_SAFETY,      /**< a safety limit stopped the run before its first write */
	ZYNC_ERR_CANCELLED    /**< asked to stop */
};

/** What a caller may do about it; set by the part that saw the failure. */
enum zync_disposition {
	ZYNC_DISPOSITION_FATAL = 0, /**< the run cannot go on */
	ZYNC_DISPOSITION_REJECT,    /**< this object failed; others may go on */
	ZYNC_DISPOSITION_RETRY,	    /**< the same call may succeed later */
	ZYNC_DISPOSITION_CANCELLED  /**< somebody asked for the stop */
};

/** Whose number #zync_err::code is. */
enum zync_origin {
	ZYNC_ORIGIN_NONE = 0,
	ZYNC_ORIGIN_OS,	    /**< errno */
	ZYNC_ORIGIN_HTTP,   /**< HTTP status */
	ZYNC_ORIGIN_CURL,   /**< CURLcode */
	ZYNC_ORIGIN_SQL,    /**< result code of the database library */
	ZYNC_ORIGIN_JSONRPC /**< "code" of a JSON-RPC error */
};

/** Longest message, with its context, in bytes including the final NUL; longer ones are cut at a character boundary. */
#define ZYNC_ERR_MESSAGE_SIZE 2048

/** One failure: what failed, on which object, why, and what to do. */
struct zync_err {
	enum zync_status status;
	enum zync_disposition disposition;
	enum zync_origin origin;
	long code;			     /**< number in the sense of #origin, 0 if none */
	char message[ZYNC_ERR_MESSAGE_SIZE]; /**< text in UTF-8, context first: "loading site x: …" */
};

/** Name of a status in lower case, such as "unreachable"; never NULL. */
const char *zync_status_name(enum zync_status status);

#ifdef __cplusplus
}
#endif
#endif
