//! What becomes of each of QuickFIX's keys.
//!
//! Those that [`super::session`] reads are named here as carried; the rest with what the gateway
//! has instead, or with what it lacks.

/// The keys that [`super::session`] carries over.
pub(super) const CARRIED: &[&str] = &[
    "ConnectionType",
    "BeginString",
    "DefaultApplVerID",
    "SenderCompID",
    "TargetCompID",
    "HeartBtInt",
    "SocketAcceptAddress",
    "SocketAcceptHost",
    "SocketAcceptPort",
    "ResetOnLogon",
    "CheckLatency",
    "MaxLatency",
    "TimestampPrecision",
    "TimeStampPrecision",
    "MillisecondsInTimeStamp",
    "MillisecondsInTimestamp",
    "EnableLastMsgSeqNumProcessed",
    "MaxMessagesInResendRequest",
    "ResendRequestChunkSize",
    "AllowedRemoteAddresses",
    "StartTime",
    "EndTime",
    "StartDay",
    "EndDay",
    "Weekdays",
    "TimeZone",
    "NonStopSession",
];

/// Begins of keys, with what is to be said of them; the first that fits counts.
const REASONS: &[(&[&str], &str)] = &[
    (
        &["LogonTime", "LogoutTime", "LogonDay", "LogoutDay"],
        "a session is open to Logons as long as its window is: set start_time and end_time",
    ),
    (
        &["UseLocalTime"],
        "the zone of a session's hours is named, whatever the machine's is: set time_zone",
    ),
    (
        &[
            "FileStorePath",
            "FileStoreMaxCachedMsgs",
            "FileStoreSync",
            "PersistMessages",
        ],
        "messages are kept in the journal: set [journal] dir",
    ),
    (
        &["PostgreSQL", "MySQL", "Odbc", "Jdbc", "Sleepycat"],
        "messages are kept in the journal, in no database: set [journal] dir",
    ),
    (
        &[
            "FileLog",
            "ScreenLog",
            "SLF4JLog",
            "FileIncludeTimeStampForMessages",
            "FileIncludeMill",
        ],
        "the journal has every message, and the capture shows it: there is no other log",
    ),
    (
        &[
            "UseDataDictionary",
            "DataDictionary",
            "AppDataDictionary",
            "TransportDataDictionary",
        ],
        "the gateway reads the fields that it acts on, and validates by no dictionary",
    ),
    (
        &[
            "Validate",
            "AllowUnknownMsgFields",
            "AllowUnknownEnumValues",
            "FirstFieldInGroup",
        ],
        "what the gateway validates is in the rules of engagement, and not to be switched",
    ),
    (
        &[
            "RequiresOrigSendingTime",
            "RejectInvalidMessage",
            "CheckCompID",
            "IgnorePossDup",
        ],
        "always as the specification says",
    ),
    (
        &[
            "SocketConnect",
            "ReconnectInterval",
            "SocketLocal",
            "HostSelectionPolicy",
        ],
        "the gateway accepts members and connects to no FIX peer",
    ),
    (
        &[
            "ResetOnLogout",
            "ResetOnDisconnect",
            "ResetOnError",
            "RefreshOnLogon",
        ],
        "numbers outlive a line; only a Logon with ResetSeqNumFlag(141)=Y resets them, where \
         `reset_on_logon` allows it",
    ),
    (
        &[
            "ForceResync",
            "ForceResend",
            "DisconnectOnError",
            "ContinueInitialization",
        ],
        "the journal is the one truth; nothing is to be forced",
    ),
    (
        &[
            "SocketReuseAddress",
            "SocketNodelay",
            "SocketNoDelay",
            "SocketTcpNoDelay",
        ],
        "always on",
    ),
    (
        &[
            "SocketSendBufferSize",
            "SocketReceiveBufferSize",
            "SocketKeepAlive",
            "SocketLinger",
        ],
        "the gateway sets its sockets itself",
    ),
    (
        &[
            "SocketUseSSL",
            "SocketKeyStore",
            "SocketTrustStore",
            "SSL",
            "CipherSuites",
            "EnabledProtocols",
            "ServerCertificate",
            "ClientCertificate",
            "CertificationAuthorit",
        ],
        "name PEM files in the session's `tls`, of a gateway built with TLS: docs/how-to/tls.md",
    ),
    (
        &["LogonTimeout"],
        "set [limits] stranger_seconds_max, which is for all connections",
    ),
    (&["LogoutTimeout"], "2 seconds, not to be set"),
    (
        &["DynamicSession", "AcceptorTemplate"],
        "a session is named before it may log on: add a [[session]] for each member",
    ),
    (
        &["SessionQualifier"],
        "sessions are told apart by BeginString and CompIDs alone",
    ),
    (
        &["EnableNextExpectedMsgSeqNum"],
        "NextExpectedMsgSeqNum(789) is answered whenever a member tells its own",
    ),
    (
        &["SendRedundantResendRequests", "ClosedResendInterval"],
        "a gap is asked for once, in parts where resend_request_chunk_size says so",
    ),
    (
        &["TestRequestDelayMultiplier", "HeartBeatTimeoutMultiplier"],
        "TestRequest after 1.2 intervals of silence, the end of the line after 2.4",
    ),
    (
        &[
            "SenderSubID",
            "SenderLocationID",
            "TargetSubID",
            "TargetLocationID",
        ],
        "sub-IDs and locations are read over and never written",
    ),
    (
        &[
            "MaxScheduledWriteRequests",
            "SendLogoutBefore",
            "PreserveMessageFieldsOrder",
        ],
        "the gateway does so, or needs no such setting",
    ),
    (
        &["Username", "Password", "LogonTag"],
        "a secret does not belong in a settings file: put it into a file of its own and name it by \
         `username` and `password = \"secret:NAME\"`",
    ),
    (
        &["Description", "LogMessageWhenSessionNotFound"],
        "for people",
    ),
];

/// Why a key is not carried over; none where QuickFIX has no such key either.
pub(super) fn reason(key: &str) -> Option<&'static str> {
    let rows = REASONS.iter();
    let mut found = rows.filter(|(begins, _)| begins.iter().any(|begin| key.starts_with(begin)));
    found.next().map(|(_, reason)| *reason)
}
