/** Generated from openapi.json by "npm run generate". */
export interface paths {
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers. */
        get: operations["livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Traffic may come: the database answers and no shutdown has begun. */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in Prometheus' text format. */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the file in the upload folder. */
                name: string;
            };
            cookie?: never;
        };
        /** The bytes of a file. */
        get: operations["downloadFile"];
        /** Puts a file, whole or not at all, in place of one of the same name. */
        put: operations["uploadFile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{account}/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the account. */
                account: string;
                /** @description Number of an invoice or credit note, or the word statement. */
                number: string;
            };
            cookie?: never;
        };
        /** An invoice, a credit note or a statement, as it is printed or sent. */
        get: operations["downloadDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the report, such as top-customers. */
                name: string;
            };
            cookie?: never;
        };
        /** A whole report. Each takes some of the parameters. */
        get: operations["downloadReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description. */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/schemas/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** JSON Schema of a kind's manifests, for editors. */
        get: operations["schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Alive: {
            /** @constant */
            alive: true;
        };
        Ready: {
            ready: boolean;
            checks: {
                [key: string]: "ok" | "failed" | "stopping";
            };
            /** @description Jobs that somebody paused; absent while all run. The server is ready all the same. */
            paused?: string[];
        };
        StoredFile: {
            /** @description As an Image's source takes it: file. */
            name: string;
            bytes: number;
            /** @description sha256: and the digest in hex, as an Image takes it. */
            checksum: string;
        };
        Error: {
            /** @description What is wrong and what would be right. */
            error: string;
        };
    };
    responses: {
        /** @description No token, or a wrong one. */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description What was asked for cannot be done; nothing was changed. */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    livez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alive"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
            /** @description Not ready, or not any more. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
        };
    };
    downloadFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the file in the upload folder. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["Refused"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    uploadFile: {
        parameters: {
            query?: {
                /** @description What the bytes must digest to, or nothing is kept. */
                checksum?: string;
            };
            header?: never;
            path: {
                /** @description Name of the file in the upload folder. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description It replaced an older one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredFile"];
                };
            };
            /** @description It is new. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredFile"];
                };
            };
            400: components["responses"]["Refused"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            413: components["responses"]["Refused"];
            422: components["responses"]["Refused"];
            500: components["responses"]["Refused"];
            503: components["responses"]["Refused"];
            507: components["responses"]["Refused"];
        };
    };
    downloadDocument: {
        parameters: {
            query?: {
                /** @description pdf, EN 16931 as ubl, csv or json. A statement is pdf or json. */
                format?: "pdf" | "ubl" | "csv" | "json";
                /** @description Of a statement: its first local day. */
                from?: string;
                /** @description Of a statement: its last local day. */
                to?: string;
            };
            header?: never;
            path: {
                /** @description Name of the account. */
                account: string;
                /** @description Number of an invoice or credit note, or the word statement. */
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["Refused"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["Refused"];
            422: components["responses"]["Refused"];
        };
    };
    downloadReport: {
        parameters: {
            query?: {
                format?: "table" | "csv" | "json" | "pdf" | "svg" | "png" | "jpg";
                /** @description First day. */
                from?: string;
                /** @description Last day. */
                to?: string;
                /** @description A month such as 2026-01. */
                month?: string;
                /** @description IANA zone of the days. */
                zone?: string;
                /** @description ISO 4217 code to say everything in. */
                currency?: string;
                account?: string;
                channel?: string;
                /** @description Facts up to this instant. */
                asOf?: string;
                /** @description How many rows at most. */
                top?: number;
            };
            header?: never;
            path: {
                /** @description Name of the report, such as top-customers. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["Refused"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    schema: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description all.json, or a kind's: virtual-machine.json. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schema. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            404: components["responses"]["Refused"];
        };
    };
}
