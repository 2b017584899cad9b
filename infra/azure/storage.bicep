// The blob containers of the product, private, reached by identity alone.
param name string
param location string
param principalId string

var containers = ['videos', 'curation', 'datasets', 'models', 'training', 'benchmarks', 'reports', 'catalog', 'deployments']
// Storage Blob Data Owner, Storage Queue Data Contributor, Storage Table Data Contributor (the Durable backend's tables)
var roles = ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', '974c5e8b-45b9-4653-ba55-5f855dd0fb88', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3']

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: toLower('${name}store')
  location: location
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    resource container 'containers' = [for container in containers: { name: container }]
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in roles: {
  name: guid(account.id, principalId, role)
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

output account string = account.name
output id string = account.id
